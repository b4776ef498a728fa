{{- /* The probes of a worker or beat: the port opens when its process has started, and closes with
it. What hangs inside, `serve` and the alert NeuroPlayWorkersOffline notice. */ -}}
{{- define "neuroplay.taskProbes" -}}
ports:
  - name: metrics
    containerPort: 9101
startupProbe:
  tcpSocket:
    port: metrics
  periodSeconds: 2
  timeoutSeconds: 5
  failureThreshold: 60
readinessProbe:
  tcpSocket:
    port: metrics
  periodSeconds: 10
  timeoutSeconds: 5
livenessProbe:
  tcpSocket:
    port: metrics
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 12
{{- end -}}

{{- /* A Service by which Prometheus finds the pods. */ -}}
{{- define "neuroplay.metricsService" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "neuroplay.fullname" .root }}-{{ .component }}
  labels:
    {{- include "neuroplay.labels" . | nindent 4 }}
spec:
  clusterIP: None
  selector:
    {{- include "neuroplay.selector" . | nindent 4 }}
  ports:
    - name: metrics
      port: 9101
      targetPort: metrics
{{- end -}}
