// Command versions prints what each version of Karpenter needs of AWS: a table of versions by permissions and rules or, with
// -upgrading, the changes from version to version as Markdown.
package main

import (
	"flag"
	"fmt"
)

func main() {
	upgrades := flag.Bool("upgrading", false, "print the changes from version to version as Markdown")
	flag.Parse()
	if *upgrades {
		fmt.Print(upgrading())
	} else {
		fmt.Print(table(needs()))
	}
}
