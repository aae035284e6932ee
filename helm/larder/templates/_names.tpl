{{/* Fixed names: there is one operator in a cluster, and a second release fails on them instead of fighting the first. */}}
{{- define "larder.operator" -}}larder-operator{{- end }}

{{- define "larder.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "larder.operator" .) }}
{{- end }}

{{- define "larder.selectorLabels" -}}
app.kubernetes.io/name: larder-operator
{{- end }}

{{- define "larder.labels" -}}
{{ include "larder.selectorLabels" . }}
app.kubernetes.io/part-of: larder
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* Call with a dict of image and chart. */}}
{{- define "larder.image" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ .image.tag | default .chart.AppVersion }}
{{- end -}}
{{- end }}
