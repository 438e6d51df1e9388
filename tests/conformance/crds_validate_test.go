package conformance

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	metavalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// customResource is one version of a CRD, as an API server serves it.
type customResource struct {
	namespaced bool
	structure  *structuralschema.Structural
	schema     validation.SchemaValidator
	rules      *cel.Validator
}

// customResources are those of Karpenter's chart of CRDs, by apiVersion and kind.
var customResources = sync.OnceValues(func() (map[string]*customResource, error) {
	objects, err := renderChart("karpenter-crd", "kube-system", nil)
	if err != nil {
		return nil, err
	}
	served := map[string]*customResource{}
	for _, crd := range ofType[*apiextensionsv1.CustomResourceDefinition](objects) {
		for _, version := range crd.Spec.Versions {
			kind := crd.Spec.Group + "/" + version.Name + " " + crd.Spec.Names.Kind
			if served[kind], err = serveCRD(crd, version); err != nil {
				return nil, fmt.Errorf("%s: %w", kind, err)
			}
		}
	}
	return served, nil
})

// serveCRD prepares one version of a CRD as an API server does.
func serveCRD(crd *apiextensionsv1.CustomResourceDefinition, version apiextensionsv1.CustomResourceDefinitionVersion) (*customResource, error) {
	schema := &apiextensions.CustomResourceValidation{}
	if err := apiextensionsv1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(version.Schema, schema, nil); err != nil {
		return nil, err
	}
	structure, err := structuralschema.NewStructural(schema.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	if err := defaulting.PruneDefaults(structure); err != nil {
		return nil, err
	}
	validator, _, err := validation.NewSchemaValidator(schema.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	return &customResource{
		namespaced: crd.Spec.Scope == apiextensionsv1.NamespaceScoped,
		structure:  structure,
		schema:     validator,
		rules:      cel.NewValidator(structure, true, celconfig.PerCallLimit),
	}, nil
}

// validate are the problems that an API server with Karpenter's CRDs finds in an object that somebody creates, none if it
// takes the object as it is. A field that it would drop is a problem, too. The object stays as it was.
func validate(t testing.TB, object map[string]any) []string {
	t.Helper()
	served, err := customResources()
	require.NoError(t, err)
	kind := fmt.Sprint(object["apiVersion"], " ", object["kind"])
	resource, ok := served[kind]
	if !ok {
		return []string{kind + ": the CRDs have no such kind"}
	}
	text, err := json.Marshal(object)
	require.NoError(t, err)
	var received map[string]any
	require.NoError(t, json.Unmarshal(text, &received))

	problems := resource.dropped(received)
	for _, problem := range resource.invalid(received) {
		problems = append(problems, problem.Error())
	}
	return problems
}

// dropped removes what the API server removes from an object that it receives, tells what, and sets the defaults.
func (r *customResource) dropped(object map[string]any) (problems []string) {
	_, _, paths, err := objectmeta.GetObjectMetaWithOptions(object, objectmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: true})
	if err != nil {
		problems = append(problems, "metadata: "+err.Error())
	}
	paths = append(paths, pruning.PruneWithOptions(object, r.structure, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})...)
	defaulting.PruneNonNullableNullsWithoutDefaults(object, r.structure)
	defaulting.Default(object, r.structure)
	for _, path := range paths {
		problems = append(problems, path+": unknown field")
	}
	return problems
}

// invalid checks the form of an object and then, as rules are about objects of the right form, the rules.
func (r *customResource) invalid(object map[string]any) field.ErrorList {
	content := &unstructured.Unstructured{Object: object}
	errs := metavalidation.ValidateObjectMetaAccessor(content, r.namespaced, metavalidation.NameIsDNSSubdomain, field.NewPath("metadata"))
	errs = append(errs, validation.ValidateCustomResource(nil, object, r.schema)...)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, r.structure, object)...)
	if len(errs) > 0 {
		return errs
	}
	errs, _ = r.rules.Validate(context.Background(), nil, r.structure, object, nil, celconfig.RuntimeCELCostBudget)
	return errs
}
