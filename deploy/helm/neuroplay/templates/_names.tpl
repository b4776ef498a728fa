{{- /* The release's name, once. */ -}}
{{- define "neuroplay.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- /* What a Service selects; never changes between releases. */ -}}
{{- define "neuroplay.selector" -}}
app.kubernetes.io/name: neuroplay
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "neuroplay.labels" -}}
{{ include "neuroplay.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "neuroplay.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- /* The Job of this release and configuration. A Job cannot be changed, so its name contains a
hash of all that it consists of. */ -}}
{{- define "neuroplay.migrateName" -}}
{{- $version := .Chart.AppVersion | lower | replace "." "-" | trunc 10 | trimSuffix "-" -}}
{{- $hash := include "neuroplay.migrateSpec" . | sha256sum | trunc 8 -}}
{{ include "neuroplay.fullname" . }}-migrate-{{ $version }}-{{ $hash }}
{{- end -}}

{{- /* The schema cannot compare two values. Call with a dict: path, scaling. */ -}}
{{- define "neuroplay.checkReplicas" -}}
{{- if gt (int .scaling.minReplicas) (int .scaling.maxReplicas) -}}
{{- fail (printf "%s.minReplicas is %d and more than maxReplicas, which is %d" .path (int .scaling.minReplicas) (int .scaling.maxReplicas)) -}}
{{- end -}}
{{- end -}}
