module github.com/charm-coordinator/charm-coordinator/bindings/go

go 1.24.0

require (
	github.com/tetratelabs/wazero v1.11.0
	go.yaml.in/yaml/v3 v3.0.6
)

require golang.org/x/sys v0.38.0 // indirect
