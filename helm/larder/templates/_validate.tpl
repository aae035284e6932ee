{{/* What the schema cannot say in words that help. */}}
{{- define "larder.validate" -}}
{{- range $key, $image := dict "image" .Values.image "nodeCache.image" .Values.nodeCache.image -}}
{{- $last := regexFind "[^/]*$" $image.repository -}}
{{- if or (contains ":" $last) (contains "@" $last) -}}
{{- fail (printf "%s.repository is %q: leave the tag or digest away there and set %s.tag or %s.digest" $key $image.repository $key $key) -}}
{{- end -}}
{{- if and $image.digest (not (regexMatch "^sha256:[0-9a-f]{64}$" $image.digest)) -}}
{{- fail (printf "%s.digest is %q: write sha256: and 64 hex digits, or leave it empty to use the tag" $key $image.digest) -}}
{{- end -}}
{{- end -}}
{{- if and (not .Values.serviceAccount.create) (not .Values.serviceAccount.name) -}}
{{- fail "serviceAccount.create is false: set serviceAccount.name to a ServiceAccount that exists, or set create to true" -}}
{{- end -}}
{{- if and (not .Values.registryCache.create) .Values.registryCache.spec -}}
{{- fail "registryCache.spec is set but registryCache.create is false: set create to true, or apply the RegistryCache yourself and remove the spec" -}}
{{- end -}}
{{- if not (regexMatch "^[a-z]([a-z0-9-]{0,50}[a-z0-9])?$" .Values.registryCache.name) -}}
{{- fail (printf "registryCache.name is %q: it names labels and a Service too, so use at most 52 of a-z, 0-9 and -, beginning with a letter" .Values.registryCache.name) -}}
{{- end -}}
{{- if has .Values.platform (list "bottlerocket" "openshift") -}}
{{- $instead := dict "bottlerocket" "its settings API owns containerd's files: use settings.container-registry.mirrors" "openshift" "its nodes run CRI-O and Larder configures containerd: use an ImageDigestMirrorSet" -}}
{{- fail (printf "platform is %q, where Larder cannot work: %s" .Values.platform (get $instead .Values.platform)) -}}
{{- end -}}
{{- if not (or (eq .Values.platform "auto") (hasKey (include "larder.platforms" . | fromYaml) .Values.platform)) -}}
{{- fail (printf "platform is %q: write auto or one of %s" .Values.platform (include "larder.platforms" . | fromYaml | keys | sortAlpha | join ", ")) -}}
{{- end -}}
{{- if and .Values.podDisruptionBudget.enabled (lt (int .Values.replicas) 2) -}}
{{- fail "podDisruptionBudget.enabled needs replicas of at least 2: with one operator it would only hold up drains" -}}
{{- end -}}
{{- if and .Values.metrics.serviceMonitor.enabled (not .Values.metrics.service.enabled) -}}
{{- fail "metrics.serviceMonitor.enabled needs metrics.service.enabled: set it to true" -}}
{{- end -}}
{{- end }}
