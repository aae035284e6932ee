{{/* The folder of containerd's hosts.toml files where it is not what the node's own /etc/containerd/config.toml says. */}}
{{- define "larder.platforms" -}}
aks: {}
canonical-k8s: {configPath: /etc/containerd/hosts.d}
eks: {}
gke: {criticalPodsQuota: true}
k3s: {configPath: /var/lib/rancher/k3s/agent/etc/containerd/certs.d}
kind: {}
kubeadm: {}
microk8s: {configPath: /var/snap/microk8s/current/args/certs.d}
rke2: {configPath: /var/lib/rancher/rke2/agent/etc/containerd/certs.d}
talos: {configPath: /etc/cri/conf.d/hosts}
{{- end }}

{{- define "larder.configPath" -}}
{{- $platform := get (include "larder.platforms" . | fromYaml) .Values.platform | default dict -}}
{{- get $platform "configPath" -}}
{{- end }}

{{/* "true" or empty. */}}
{{- define "larder.criticalPodsQuota" -}}
{{- $platform := get (include "larder.platforms" . | fromYaml) .Values.platform | default dict -}}
{{- if or .Values.criticalPodsQuota.create (get $platform "criticalPodsQuota") -}}true{{- end -}}
{{- end }}

{{/* What the nodes of a platform want, for a person. */}}
{{- define "larder.platformNotes" -}}
{{- $folder := include "larder.configPath" . -}}
{{- if $folder -}}
platform is {{ .Values.platform }}: containerd's hosts.toml files are in {{ $folder }}.
{{- if not .Values.registryCache.create }}
The RegistryCache above says so; each other one needs it too.
{{- end }}
{{- else -}}
platform is {{ .Values.platform }}: the folder of containerd's hosts.toml files is read from each node's /etc/containerd/config.toml.
{{- end }}
{{- if eq .Values.platform "eks" }}
AL2023's config_path is a list of two folders, which containerd reads only while discard_unpacked_layers = true stays as it is
shipped. Where you turn that off, set one folder through spec.containerd.config of the NodeConfig.
{{- else if eq .Values.platform "gke" }}
A ResourceQuota admits critical priorities in this namespace. Whether GKE's containerd has a config_path depends on its version:
the condition ContainerdConfigured tells. Where GKE's own registryHosts is in use, the folder is /etc/containerd/hosts.d: set
spec.containerd.configPath of the RegistryCache.
{{- else if eq .Values.platform "kubeadm" }}
Distributions' containerd has an empty config_path: set it and restart containerd, as deploy/containerd/README.md says.
{{- else if eq .Values.platform "kind" }}
Older node images need config_path through containerdConfigPatches; newer ones have it. What kind load puts on a node is not pulled,
and so is not cached.
{{- else if eq .Values.platform "canonical-k8s" }}
Some versions have /var/snap/k8s/common/etc/containerd/hosts.d instead: set spec.containerd.configPath of the RegistryCache.
{{- else if or (eq .Values.platform "k3s") (eq .Values.platform "rke2") }}
Registries that registries.yaml names are written anew whenever the agent starts; Larder puts its entry back.
{{- else if eq .Values.platform "talos" }}
Mirrors of the machine configuration stay in force behind the cache.
{{- else if eq .Values.platform "aks" }}
AKS has no setting for containerd's config_path, and Larder does not change it: a node that has none goes without a cache.
{{- else if eq .Values.platform "microk8s" }}
The hosts.toml files that MicroK8s brings stay in force behind the cache, and are put back as they were.
{{- end }}
Larder's own tests run containerd as kubeadm's nodes have it, and not {{ .Values.platform }} itself. What does not hold on your nodes, the
condition ContainerdConfigured of the RegistryCache says, with the file and the line to write; pulls go on without the cache there.
{{- end }}
