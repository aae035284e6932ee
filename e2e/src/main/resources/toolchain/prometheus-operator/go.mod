// The custom resource definitions of the Prometheus operator; GoBuild takes its files, and builds nothing.
module prometheus-operator

go 1.26.0

require github.com/prometheus-operator/prometheus-operator v0.85.0
