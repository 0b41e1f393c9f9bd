import { describe, expect, it } from 'vitest'
import { noSubdomain, podRefusals } from './testing/pod-refusals.ts'

describe('a new pod', () => {
  it.each<[what: string, spec: string, causes: string[]]>([
    [
      'probes and hooks',
      `
terminationGracePeriodSeconds: 5
containers:
  - name: c
    image: i
    livenessProbe: { successThreshold: 2, periodSeconds: -1, exec: {}, tcpSocket: { port: 99999 } }
    readinessProbe: { terminationGracePeriodSeconds: 0, httpGet: { port: "" , scheme: ftp } }
    startupProbe: {}
    lifecycle: { preStop: { sleep: { seconds: 6 } }, postStart: { httpGet: { port: 80, httpHeaders: [{ name: "a b", value: x }] } } }
`,
      [
        "FieldValueInvalid spec.containers[0].lifecycle.postStart.httpGet.httpHeaders: Invalid value: \"a b\": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
        'FieldValueInvalid spec.containers[0].lifecycle.preStop.sleep: Invalid value: 6: must be non-negative and less than terminationGracePeriodSeconds (5)',
        'FieldValueRequired spec.containers[0].livenessProbe.exec.command: Required value',
        'FieldValueForbidden spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
        'FieldValueInvalid spec.containers[0].livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0',
        'FieldValueInvalid spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
        'FieldValueInvalid spec.containers[0].readinessProbe.httpGet.port: Invalid value: "": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
        'FieldValueInvalid spec.containers[0].readinessProbe.httpGet.port: Invalid value: "": must contain at least one letter (a-z)',
        'FieldValueNotSupported spec.containers[0].readinessProbe.httpGet.scheme: Unsupported value: "ftp": supported values: "HTTP", "HTTPS"',
        'FieldValueInvalid spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0',
        'FieldValueInvalid spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 0: must not be set for readinessProbes',
        'FieldValueRequired spec.containers[0].startupProbe: Required value: must specify a handler type',
      ],
    ],
    [
      'names and policies of containers',
      `
restartPolicy: Sometimes
containers:
  - { name: c, image: " i", imagePullPolicy: Maybe, terminationMessagePolicy: None }
  - { name: c, image: i, restartPolicyRules: [{ action: Restart, exitCodes: {} }] }
initContainers: [{ name: c, image: i, restartPolicy: Maybe, livenessProbe: { exec: { command: [a] } } }]
`,
      [
        'FieldValueNotSupported spec.containers[0].terminationMessagePolicy: Unsupported value: "None": supported values: "File", "FallbackToLogsOnError"',
        'FieldValueNotSupported spec.containers[0].imagePullPolicy: Unsupported value: "Maybe": supported values: "Always", "IfNotPresent", "Never"',
        'FieldValueDuplicate spec.containers[1].name: Duplicate value: "c"',
        'FieldValueRequired spec.containers[1].restartPolicy: Required value: must specify restartPolicy when restart rules are used',
        'FieldValueNotSupported spec.containers[1].restartPolicyRules[0].exitCodes.operator: Unsupported value: "": supported values: "In", "NotIn"',
        'FieldValueNotSupported spec.initContainers[0].restartPolicy: Unsupported value: "Maybe": supported values: "Always", "Never", "OnFailure"',
        'FieldValueDuplicate spec.initContainers[0].name: Duplicate value: "c"',
        'FieldValueForbidden spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
        'FieldValueNotSupported spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
        'FieldValueInvalid spec.containers[0].image: Invalid value: " i": must not have leading or trailing whitespace',
      ],
    ],
    [
      'environment',
      `
containers:
  - name: c
    image: i
    env:
      - { name: A, valueFrom: { fieldRef: { fieldPath: spec.unknown } } }
      - { name: B, valueFrom: { fieldRef: { fieldPath: status.phase } } }
      - { name: C, valueFrom: { fieldRef: { fieldPath: "spec.x['y']" } } }
      - { name: D, valueFrom: { resourceFieldRef: { resource: limits.cpu, divisor: 3 } } }
      - { name: E, value: x, valueFrom: { configMapKeyRef: { name: A_, key: k } } }
      - { name: F, valueFrom: {} }
    envFrom: [{ configMapRef: { name: ok- } }, {}, { secretRef: {} }]
`,
      [
        'FieldValueInvalid spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.unknown": error converting fieldPath: field label not supported: spec.unknown',
        'FieldValueNotSupported spec.containers[0].env[1].valueFrom.fieldRef.fieldPath: Unsupported value: "status.phase": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"',
        "FieldValueInvalid spec.containers[0].env[2].valueFrom.fieldRef.fieldPath: Invalid value: \"spec.x['y']\": error converting fieldPath: field label does not support subscript: spec.x['y']",
        'FieldValueInvalid spec.containers[0].env[3].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor\'s values 1m and 1 are supported with the cpu resource',
        noSubdomain('spec.containers[0].env[4].valueFrom.configMapKeyRef.name', 'A_'),
        'FieldValueInvalid spec.containers[0].env[4].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
        'FieldValueInvalid spec.containers[0].env[5].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
        'FieldValueInvalid spec.containers[0].envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`',
        'FieldValueRequired spec.containers[0].envFrom[2].secretRef.name: Required value',
      ],
    ],
    [
      'resources and claims',
      `
resourceClaims: [{ name: a, resourceClaimName: x }, { name: a, resourceClaimName: x }, { name: b }]
containers:
  - name: c
    image: i
    resources:
      limits: { cpu: 1, hugepages-2Mi: 3Mi, odd: 1, example.com/gpu: 500m, kubernetes.io/x: 1 }
      requests: { cpu: 2, example.com/gpu: 1 }
      claims: [{ name: a }, { name: a, request: r }, { name: z }]
`,
      [
        'FieldValueDuplicate spec.resourceClaims[1].name: Duplicate value: "a"',
        'FieldValueInvalid spec.resourceClaims[2]: Invalid value: {"Name":"b","ResourceClaimName":null,"ResourceClaimTemplateName":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
        'FieldValueInvalid spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
        'FieldValueInvalid spec.containers[0].resources.limits[odd]: Invalid value: "odd": must be a standard resource type or fully qualified',
        'FieldValueInvalid spec.containers[0].resources.limits[odd]: Invalid value: "odd": must be a standard resource for containers',
        'FieldValueInvalid spec.containers[0].resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer',
        'FieldValueInvalid spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
        // What is limited is requested.
        'FieldValueInvalid spec.containers[0].resources.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
        'FieldValueInvalid spec.containers[0].resources.requests[odd]: Invalid value: "odd": must be a standard resource type or fully qualified',
        'FieldValueInvalid spec.containers[0].resources.requests[odd]: Invalid value: "odd": must be a standard resource for containers',
        'FieldValueInvalid spec.containers[0].resources.requests: Invalid value: "1": must be equal to example.com/gpu limit of 500m',
        'FieldValueDuplicate spec.containers[0].resources.claims[1]: Duplicate value: "a"',
        'FieldValueNotFound spec.containers[0].resources.claims[2]: Not found: "z": must be one of the names in pod.spec.resourceClaims: a, b',
      ],
    ],
    [
      'resources of the pod as a whole',
      `
resources: { limits: { cpu: 1, ephemeral-storage: 1Gi }, requests: { cpu: 500m }, claims: [{ name: a }] }
containers:
  - { name: c, image: i, resources: { requests: { cpu: 600m }, limits: { cpu: 2 } } }
  - { name: d, image: i, resources: { requests: { cpu: 600m } } }
`,
      [
        'FieldValueForbidden spec.resources.claims: Forbidden: claims cannot be set for Resources at pod-level',
        'FieldValueNotSupported spec.resources.limits[ephemeral-storage]: Unsupported value: "ephemeral-storage": supported values: "cpu", "memory"',
        'FieldValueInvalid spec.resources.requests[cpu]: Invalid value: "500m": must be greater than or equal to aggregate container requests of 1200m',
        'FieldValueInvalid spec.resources.containers[0][cpu].limits: Invalid value: "2": must be less than or equal to pod limits of 1',
      ],
    ],
    [
      'privileges that are given and denied',
      'containers: [{ name: c, image: i, securityContext: { privileged: true, allowPrivilegeEscalation: false } }]',
      [
        'FieldValueInvalid spec.containers[0].securityContext: Invalid value: {"Capabilities":null,"Privileged":true,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
      ],
    ],
  ])('is refused for every problem of its containers at once: %s', async (_what, spec, causes) => {
    expect(await podRefusals(spec)).toEqual(causes)
  })
})
