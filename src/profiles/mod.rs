//! The typed values of the bundled charts; with kube/, the only home of k8s-openapi.
