// Package component is what all components here are made with: their args checked, and registered as their inputs.
package component
