{{- /* What every pod has in common. Call with a dict: root, component. */ -}}
{{- define "neuroplay.pod" -}}
{{- $values := .root.Values -}}
serviceAccountName: {{ include "neuroplay.fullname" .root }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ int64 $values.runAsUser }}
  runAsGroup: {{ int64 $values.runAsGroup }}
  fsGroup: {{ int64 $values.runAsGroup }}
  seccompProfile:
    type: RuntimeDefault
{{- with $values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: home
    emptyDir:
      sizeLimit: 1Gi
  - name: tmp
    emptyDir:
      sizeLimit: 256Mi
{{- end -}}

{{- /* Pods of a component on different nodes and zones, as far as there are some. */ -}}
{{- define "neuroplay.spread" -}}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "neuroplay.selector" $ | nindent 8 }}
    matchLabelKeys:
      - pod-template-hash
  {{- end }}
{{- end -}}

{{- /* What every container has in common. */ -}}
{{- define "neuroplay.container" -}}
image: {{ include "neuroplay.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop:
      - ALL
volumeMounts:
  - name: home
    mountPath: /data
  - name: tmp
    mountPath: /tmp
env:
  - name: NEUROPLAY_HOME
    value: /data
  - name: NEUROPLAY_HOST
    value: {{ .Values.listen | quote }}
  - name: NEUROPLAY_PUBLIC_URL
    value: {{ .Values.publicUrl | quote }}
  - name: NEUROPLAY_LOG_TO
    value: both
  {{- with .Values.trustedProxies }}
  - name: NEUROPLAY_TRUSTED_PROXIES
    value: {{ join "," . | quote }}
  {{- end }}
  {{- range $name, $value := .Values.settings }}
  - name: {{ $name }}
    value: {{ ternary $value (toJson $value) (kindIs "string" $value) | quote }}
  {{- end }}
  {{- $variables := dict "databaseUrl" "DATABASE_URL" "redisUrl" "REDIS_URL" "secret" "NEUROPLAY_SECRET" "oldSecret" "NEUROPLAY_OLD_SECRET" "opsToken" "NEUROPLAY_OPS_TOKEN" "sentryDsn" "SENTRY_DSN" }}
  {{- range $name, $key := .Values.secretKeys }}
  {{- if $key }}
  - name: {{ get $variables $name }}
    valueFrom:
      secretKeyRef:
        name: {{ $.Values.existingSecret }}
        key: {{ $key }}
  {{- end }}
  {{- end }}
{{- end -}}

{{- define "neuroplay.waitForSchema" -}}
- name: wait-for-schema
  args: ["db", "wait", "--timeout", {{ .Values.migrate.waitSeconds | quote }}]
  resources:
    {{- toYaml .Values.migrate.resources | nindent 4 }}
  {{- include "neuroplay.container" . | nindent 2 }}
{{- end -}}

{{- /* `serve` gives its programs 8 s to end, then kills them; the rest is for a busy node. A test
compares this with the programs. */ -}}
{{- define "neuroplay.stopSeconds" -}}30{{- end -}}
