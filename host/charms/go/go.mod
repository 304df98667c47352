module github.com/charm-coordinator/charm-coordinator/host/charms/go

go 1.24.0

require github.com/charm-coordinator/charm-coordinator/bindings/go v0.0.0

require (
	github.com/tetratelabs/wazero v1.11.0 // indirect
	go.yaml.in/yaml/v3 v3.0.6 // indirect
	golang.org/x/sys v0.38.0 // indirect
)

replace github.com/charm-coordinator/charm-coordinator/bindings/go => ../../../bindings/go
