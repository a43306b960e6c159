//! Charts of Helm that benches render: one as a scaffold makes it, an umbrella over many others, and one with a number of
//! templates.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// A file of a chart: its path below the folder, and its text. In the text, `NAME` stands for the name of the chart.
type File = (&'static str, &'static str);

/// Names and labels, as nearly every chart defines them.
const HELPERS: File = (
    "templates/_helpers.tpl",
    r#"{{/* The name of the chart, which values may change. */}}
{{- define "NAME.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The name of what is made once in a release. */}}
{{- define "NAME.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "NAME.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "NAME.labels" -}}
helm.sh/chart: {{ include "NAME.chart" . }}
{{ include "NAME.selectorLabels" . }}
{{- if .Chart.AppVersion }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "NAME.selectorLabels" -}}
app.kubernetes.io/name: {{ include "NAME.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "NAME.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "NAME.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}
"#,
);

const DEPLOYMENT: File = (
    "templates/deployment.yaml",
    r#"apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
spec:
  {{- if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicaCount }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "NAME.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      {{- with .Values.podAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      labels:
        {{- include "NAME.labels" . | nindent 8 }}
        {{- with .Values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      {{- with .Values.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      serviceAccountName: {{ include "NAME.serviceAccountName" . }}
      {{- with .Values.podSecurityContext }}
      securityContext:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .Chart.Name }}
          {{- with .Values.securityContext }}
          securityContext:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          ports:
            - name: http
              containerPort: {{ .Values.service.port }}
              protocol: TCP
          {{- with .Values.livenessProbe }}
          livenessProbe:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          {{- with .Values.readinessProbe }}
          readinessProbe:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          {{- with .Values.resources }}
          resources:
            {{- toYaml . | nindent 12 }}
          {{- end }}
      {{- with .Values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
"#,
);

const SERVICE: File = (
    "templates/service.yaml",
    r#"apiVersion: v1
kind: Service
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
spec:
  type: {{ .Values.service.type }}
  ports:
    - port: {{ .Values.service.port }}
      targetPort: http
      protocol: TCP
      name: http
  selector:
    {{- include "NAME.selectorLabels" . | nindent 4 }}
"#,
);

const SERVICE_ACCOUNT: File = (
    "templates/serviceaccount.yaml",
    r#"{{- if .Values.serviceAccount.create -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "NAME.serviceAccountName" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
  {{- with .Values.serviceAccount.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: {{ .Values.serviceAccount.automount }}
{{- end }}
"#,
);

const INGRESS: File = (
    "templates/ingress.yaml",
    r#"{{- if .Values.ingress.enabled -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
  {{- with .Values.ingress.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with .Values.ingress.className }}
  ingressClassName: {{ . }}
  {{- end }}
  {{- if .Values.ingress.tls }}
  tls:
    {{- range .Values.ingress.tls }}
    - hosts:
        {{- range .hosts }}
        - {{ . | quote }}
        {{- end }}
      secretName: {{ .secretName }}
    {{- end }}
  {{- end }}
  rules:
    {{- range .Values.ingress.hosts }}
    - host: {{ .host | quote }}
      http:
        paths:
          {{- range .paths }}
          - path: {{ .path }}
            {{- with .pathType }}
            pathType: {{ . }}
            {{- end }}
            backend:
              service:
                name: {{ include "NAME.fullname" $ }}
                port:
                  number: {{ $.Values.service.port }}
          {{- end }}
    {{- end }}
{{- end }}
"#,
);

const AUTOSCALER: File = (
    "templates/hpa.yaml",
    r#"{{- if .Values.autoscaling.enabled }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "NAME.fullname" . }}
  minReplicas: {{ .Values.autoscaling.minReplicas }}
  maxReplicas: {{ .Values.autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ .Values.autoscaling.targetCPUUtilizationPercentage }}
{{- end }}
"#,
);

const NOTES: File = (
    "templates/NOTES.txt",
    r#"{{- if .Values.ingress.enabled }}
{{- range .Values.ingress.hosts }}
http{{ if $.Values.ingress.tls }}s{{ end }}://{{ .host }}
{{- end }}
{{- else }}
kubectl --namespace {{ .Release.Namespace }} port-forward svc/{{ include "NAME.fullname" . }} 8080:{{ .Values.service.port }}
{{- end }}
"#,
);

const TEST: File = (
    "templates/tests/test-connection.yaml",
    r#"apiVersion: v1
kind: Pod
metadata:
  name: "{{ include "NAME.fullname" . }}-test-connection"
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
  annotations:
    "helm.sh/hook": test
spec:
  containers:
    - name: wget
      image: busybox:1.36
      command: ['wget']
      args: ['{{ include "NAME.fullname" . }}:{{ .Values.service.port }}']
  restartPolicy: Never
"#,
);

/// What charts of an umbrella have besides: texts of values that are templates, loops, and checksums of other templates.
const CONFIG: File = (
    "templates/config.yaml",
    r#"apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "NAME.fullname" . }}-config
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
data:
  {{- range $key, $value := .Values.config }}
  {{ $key }}: {{ tpl $value $ | quote }}
  {{- end }}
  application.yaml: |
    {{- tpl (toYaml .Values.application) . | nindent 4 }}
"#,
);

const DISRUPTION: File = (
    "templates/pdb.yaml",
    r#"apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      {{- include "NAME.selectorLabels" . | nindent 6 }}
"#,
);

const POLICY: File = (
    "templates/networkpolicy.yaml",
    r#"apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "NAME.selectorLabels" . | nindent 6 }}
  policyTypes: [Ingress]
  ingress:
    - ports:
        - port: {{ .Values.service.port }}
      from:
        - podSelector:
            matchLabels:
              app.kubernetes.io/instance: {{ .Release.Name }}
"#,
);

const JOB: File = (
    "templates/cronjob.yaml",
    r#"{{- range .Values.jobs }}
---
apiVersion: batch/v1
kind: CronJob
metadata:
  name: {{ include "NAME.fullname" $ }}-{{ .name }}
  labels:
    {{- include "NAME.labels" $ | nindent 4 }}
spec:
  schedule: {{ .schedule | quote }}
  jobTemplate:
    spec:
      template:
        metadata:
          annotations:
            checksum/config: {{ include (print $.Template.BasePath "/config.yaml") $ | sha256sum }}
        spec:
          restartPolicy: OnFailure
          serviceAccountName: {{ include "NAME.serviceAccountName" $ }}
          containers:
            - name: job
              image: "{{ $.Values.global.registry }}/{{ $.Values.image.repository }}:{{ $.Values.image.tag | default $.Chart.AppVersion }}"
              args: {{ .args | toJson }}
              envFrom:
                - configMapRef:
                    name: {{ include "NAME.fullname" $ }}-config
              resources:
                {{- toYaml (merge (dict) (.resources | default dict) $.Values.resources) | nindent 16 }}
{{- end }}
"#,
);

const ROLE: File = (
    "templates/role.yaml",
    r#"apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
rules:
  - apiGroups: [""]
    resources: [configmaps]
    resourceNames: [{{ include "NAME.fullname" . }}-config]
    verbs: [get]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ include "NAME.fullname" . }}
subjects:
  - kind: ServiceAccount
    name: {{ include "NAME.serviceAccountName" . }}
    namespace: {{ .Release.Namespace }}
"#,
);

const VALUES: &str = r#"# How many pods there are.
replicaCount: 1

image:
  repository: nginx
  pullPolicy: IfNotPresent
  # Overrides the tag, which is the version of the application otherwise.
  tag: ""

imagePullSecrets: []
nameOverride: ""
fullnameOverride: ""

serviceAccount:
  # Whether one is made.
  create: true
  automount: true
  annotations: {}
  # The name of the one to use.
  name: ""

podAnnotations: {}
podLabels: {}
podSecurityContext: {}
securityContext: {}

service:
  type: ClusterIP
  port: 80

ingress:
  enabled: false
  className: ""
  annotations: {}
  hosts:
    - host: chart-example.local
      paths:
        - path: /
          pathType: ImplementationSpecific
  tls: []

resources: {}

livenessProbe:
  httpGet:
    path: /
    port: http
readinessProbe:
  httpGet:
    path: /
    port: http

autoscaling:
  enabled: false
  minReplicas: 1
  maxReplicas: 100
  targetCPUUtilizationPercentage: 80

nodeSelector: {}
tolerations: []
affinity: {}
"#;

/// What the values of a chart of an umbrella have besides.
const MORE_VALUES: &str = r#"
config:
  URL: "http://{{ include \"NAME.fullname\" . }}.{{ .Release.Namespace }}.svc:{{ .Values.service.port }}"
  LEVEL: info
  ZONE: "{{ .Values.global.zone }}"
  CACHE: "{{ .Release.Name }}-cache:6379"
application:
  server:
    port: 8080
    name: "{{ .Chart.Name }}"
  features: [search, export, reports]
  limits:
    requests: 100
    timeout: 30s
jobs:
  - name: clean
    schedule: "0 3 * * *"
    args: [clean, --days, "30"]
  - name: report
    schedule: "0 6 * * 1"
    args: [report, --format, html]
    resources:
      limits:
        memory: 256Mi
"#;

/// A chart as a scaffold makes it: six templates, a test, notes and partials.
pub fn write_scaffold(folder: &Path, name: &str) {
    let files = [HELPERS, DEPLOYMENT, SERVICE, SERVICE_ACCOUNT, INGRESS, AUTOSCALER, NOTES, TEST];
    write_chart(folder, name, "", VALUES, &files);
}

/// An umbrella over so many charts of eleven templates each.
pub fn write_umbrella(folder: &Path, charts: usize) {
    let files = [
        HELPERS,
        DEPLOYMENT,
        SERVICE,
        SERVICE_ACCOUNT,
        INGRESS,
        AUTOSCALER,
        CONFIG,
        DISRUPTION,
        POLICY,
        JOB,
        ROLE,
        NOTES,
    ];
    let mut dependencies = "dependencies:\n".to_owned();
    let mut values = "global:\n  registry: registry.example\n  zone: north\n\n".to_owned();
    for number in 0..charts {
        let name = format!("part-{number}");
        let chart = folder.join("charts").join(&name);
        write_chart(&chart, &name, "", &format!("{VALUES}{MORE_VALUES}"), &files);
        let _ = write!(
            dependencies,
            "  - name: {name}\n    version: 0.1.0\n    condition: {name}.enabled\n    repository: \"\"\n"
        );
        let _ = write!(
            values,
            "{name}:\n  enabled: true\n  replicaCount: 2\n  image:\n    tag: 1.{number}.0\n  ingress:\n    enabled: true\n    \
             className: nginx\n    hosts:\n      - host: {name}.shop.example\n        paths:\n          - path: /\n            \
             pathType: Prefix\n  resources:\n    requests:\n      cpu: 100m\n      memory: 128Mi\n",
        );
    }
    write_chart(folder, "umbrella", &dependencies, &values, &[]);
}

/// A chart with so many Deployments, each in a template of its own.
pub fn write_many(folder: &Path, templates: usize) {
    write_chart(folder, "many", "", VALUES, &[HELPERS, SERVICE_ACCOUNT]);
    let (_, text) = DEPLOYMENT;
    for number in 0..templates {
        let of_pods = |indent: &str| format!("\n{indent}app.kubernetes.io/component: part-{number}\n");
        let named = text
            .replacen("NAME.fullname\" . }}", &format!("NAME.fullname\" . }}}}-{number}"), 1)
            .replace("nindent 6 }}\n", &format!("nindent 6 }}}}{}", of_pods("      ")))
            .replacen(
                "labels\" . | nindent 8 }}\n",
                &format!("labels\" . | nindent 8 }}}}{}", of_pods("        ")),
                1,
            );
        write(&folder.join(format!("templates/deployment-{number}.yaml")), &named.replace("NAME", "many"));
    }
}

fn write_chart(folder: &Path, name: &str, more: &str, values: &str, files: &[File]) {
    let about = "type: application\nversion: 0.1.0\nappVersion: \"1.16.0\"\n";
    write(&folder.join("Chart.yaml"), &format!("apiVersion: v2\nname: {name}\n{about}{more}"));
    write(&folder.join("values.yaml"), &values.replace("NAME", name));
    for (path, text) in files {
        write(&folder.join(path), &text.replace("NAME", name));
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder");
    fs::write(path, text).expect("a file");
}
