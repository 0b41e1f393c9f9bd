import { describe, expect, it } from 'vitest'
import { TestKinds } from '../../testing/test-kinds.ts'
import { noSubdomain, podRefusals } from './testing/pod-refusals.ts'

describe('a new pod', () => {
  it('may have everything that is well formed', async () => {
    expect(
      await podRefusals(`
terminationGracePeriodSeconds: -1
hostUsers: false
dnsPolicy: None
dnsConfig: { nameservers: [10.0.0.1], searches: [., _tcp.example.com., a.b], options: [{ name: ndots }] }
tolerations: [{ operator: Exists }, { key: a, effect: NoExecute, tolerationSeconds: 3 }]
readinessGates: [{ conditionType: example.com/ready }]
hostAliases: [{ ip: "::1", hostnames: [a.b] }]
securityContext: { sysctls: [{ name: net.ipv4.ip_forward, value: "1" }, { name: kernel/shm_rmid_forced, value: "1" }] }
initContainers:
  - { name: s, image: i, restartPolicy: Always, readinessProbe: { grpc: { port: 1 } } }
  - { name: o, image: i, restartPolicy: OnFailure }
containers:
  - name: c
    image: i
    restartPolicy: Never
    restartPolicyRules: [{ action: Restart, exitCodes: { operator: In, values: [42] } }]
    resources: { limits: { example.com/gpu: 1, hugepages-2Mi: 4Mi, memory: 1Gi } }
    securityContext: { procMount: Unmasked }
    lifecycle: { preStop: { exec: { command: [a] } } }
    env: [{ name: CPU, valueFrom: { resourceFieldRef: { resource: limits.cpu, divisor: 1m } } }]
`),
    ).toEqual([])
  })

  it.each<[what: string, spec: string, causes: string[]]>([
    [
      'where it may run',
      `
nodeSelector: { A.b/c: ok }
affinity:
  nodeAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      nodeSelectorTerms:
        - matchExpressions: [{ key: a, operator: In, values: [-x] }, { key: b, operator: Exists, values: [y] }]
          matchFields: [{ key: metadata.uid, operator: Gt, values: [a, b] }]
    preferredDuringSchedulingIgnoredDuringExecution:
      - { weight: 0, preference: { matchExpressions: [{ key: a, operator: Gt, values: [] }] } }
  podAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - { topologyKey: "", namespaces: [A], matchLabelKeys: [app] }
`,
      [
        "FieldValueInvalid spec.nodeSelector: Invalid value: \"A.b/c\": prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
        "FieldValueInvalid spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values[0]: Invalid value: \"-x\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
        "FieldValueForbidden spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[1].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
        'FieldValueInvalid spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].operator: Invalid value: "Gt": not a valid selector operator',
        'FieldValueInvalid spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].key: Invalid value: "metadata.uid": not a valid field selector key',
        'FieldValueInvalid spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100',
        "FieldValueRequired spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].values: Required value: must be specified single value when `operator` is 'Lt' or 'Gt'",
        "FieldValueInvalid spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].namespace: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
        'FieldValueForbidden spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
        'FieldValueRequired spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty',
        'FieldValueInvalid spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: "": name part must be non-empty',
        "FieldValueInvalid spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      ],
    ],
    [
      'spreading, tolerations and gates',
      `
nodeName: n
topologySpreadConstraints:
  - { maxSkew: 0, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, minDomains: 2, nodeTaintsPolicy: Odd }
  - { maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, matchLabelKeys: [a] }
tolerations: [{ operator: Equal }, { key: a, operator: Exists, value: x }, { key: a, effect: Odd, tolerationSeconds: 1 }, { key: a, operator: Odd }]
schedulingGates: [{ name: g }, { name: g }]
`,
      [
        'FieldValueDuplicate spec.schedulingGates[1]: Duplicate value: "g"',
        'FieldValueInvalid spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
        'FieldValueDuplicate spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, ScheduleAnyway}"',
        'FieldValueInvalid spec.topologySpreadConstraints[0].minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway',
        'FieldValueNotSupported spec.topologySpreadConstraints[0].nodeTaintsPolicy: Unsupported value: "Odd": supported values: "Honor", "Ignore"',
        'FieldValueForbidden spec.topologySpreadConstraints[1].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
        'FieldValueInvalid spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
        'FieldValueInvalid spec.tolerations[1].operator: Invalid value: "x": value must be empty when `operator` is \'Exists\'',
        'FieldValueInvalid spec.tolerations[2].effect: Invalid value: "Odd": effect must be \'NoExecute\' when `tolerationSeconds` is set',
        'FieldValueNotSupported spec.tolerations[2].effect: Unsupported value: "Odd": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
        'FieldValueNotSupported spec.tolerations[3].operator: Unsupported value: "Odd": supported values: "Equal", "Exists"',
        'FieldValueForbidden spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared',
      ],
    ],
    [
      'names and addresses',
      `
dnsPolicy: None
hostname: A.b
hostAliases: [{ ip: x, hostnames: [A_] }]
runtimeClassName: ""
preemptionPolicy: Odd
activeDeadlineSeconds: 0
overhead: { odd: 1 }
`,
      [
        'FieldValueRequired spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None',
        'FieldValueInvalid spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive',
        "FieldValueInvalid spec.hostname: Invalid value: \"A.b\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
        'FieldValueInvalid spec.hostAliases[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        noSubdomain('spec.hostAliases[0].hostnames[0]', 'A_'),
        noSubdomain('spec.runtimeClassName', ''),
        'FieldValueNotSupported spec.preemptionPolicy: Unsupported value: "Odd": supported values: "PreemptLowerPriority", "Never"',
        'FieldValueInvalid spec.overhead.limits[odd]: Invalid value: "odd": must be a standard resource type or fully qualified',
        'FieldValueInvalid spec.overhead.limits[odd]: Invalid value: "odd": must be a standard resource for containers',
      ],
    ],
    [
      'security',
      `
hostNetwork: true
hostPID: true
hostIPC: true
hostUsers: false
shareProcessNamespace: true
securityContext:
  runAsUser: -1
  fsGroupChangePolicy: Odd
  supplementalGroupsPolicy: Odd
  seccompProfile: { type: Localhost }
  sysctls: [{ name: net.core.somaxconn, value: "1" }, { name: kernel.shmmax, value: "1" }, { name: "A!", value: "1" }]
containers:
  - name: c
    image: i
    ports: [{ containerPort: 80, hostPort: 81 }]
    securityContext: { procMount: Odd, appArmorProfile: { type: Localhost }, seccompProfile: { type: Odd } }
`,
      [
        'FieldValueNotSupported spec.containers[0].securityContext.procMount: Unsupported value: "Odd": supported values: "Default", "Unmasked"',
        'FieldValueNotSupported spec.containers[0].securityContext.seccompProfile.type: Unsupported value: "Odd": supported values: "Localhost", "RuntimeDefault", "Unconfined"',
        'FieldValueRequired spec.containers[0].securityContext.appArmorProfile.localhostProfile: Required value: must be set when AppArmor type is Localhost',
        'FieldValueInvalid spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true',
        'FieldValueInvalid spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive',
        'FieldValueInvalid spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled',
        'FieldValueInvalid spec.securityContext.sysctls[0].name: Invalid value: "net.core.somaxconn": may not be specified when \'hostNetwork\' is true',
        'FieldValueInvalid spec.securityContext.sysctls[1].name: Invalid value: "kernel.shmmax": may not be specified when \'hostIPC\' is true',
        'FieldValueInvalid spec.securityContext.sysctls[2].name: Invalid value: "A!": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$',
        'FieldValueNotSupported spec.securityContext.fsGroupChangePolicy: Unsupported value: "Odd": supported values: "Always", "OnRootMismatch"',
        'FieldValueRequired spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost',
        'FieldValueNotSupported spec.securityContext.supplementalGroupsPolicy: Unsupported value: "Odd": supported values: "Merge", "Strict"',
        'FieldValueForbidden spec.hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false',
        'FieldValueForbidden spec.HostPID: Forbidden: when `pod.Spec.HostUsers` is false',
        'FieldValueForbidden spec.HostIPC: Forbidden: when `pod.Spec.HostUsers` is false',
      ],
    ],
    [
      'what its operating system does not have',
      `
os: { name: windows }
hostPID: true
securityContext: { fsGroup: 1, runAsUser: 2 }
containers: [{ name: c, image: i, securityContext: { privileged: false, windowsOptions: { runAsUserName: 'a\\b\\c' } } }]
`,
      [
        'FieldValueInvalid spec.containers[0].securityContext.windowsOptions.runAsUserName: Invalid value: "a\\\\b\\\\c": runAsUserName cannot contain more than one backslash',
        'FieldValueForbidden spec.hostPID: Forbidden: cannot be set for a windows pod',
        'FieldValueForbidden spec.securityContext.fsGroup: Forbidden: cannot be set for a windows pod',
        'FieldValueForbidden spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod',
        'FieldValueForbidden spec.containers[0].securityContext.privileged: Forbidden: cannot be set for a windows pod',
      ],
    ],
    [
      'an operating system without a name',
      'os: { name: "" }',
      ['FieldValueRequired spec.os.name: Required value'],
    ],
    [
      'a toleration that compares, behind a gate',
      'tolerations: [{ key: a, operator: Gt, value: "1" }]',
      [
        'FieldValueNotSupported spec.tolerations[0].operator: Unsupported value: "Gt": supported values: "Equal", "Exists", "Lt", "Gt"',
      ],
    ],
    [
      'an operating system that nobody knows',
      'os: { name: plan9 }',
      ['FieldValueNotSupported spec.os: Unsupported value: "plan9": supported values: "linux", "windows"'],
    ],
    [
      'Windows options on Linux',
      'os: { name: linux }\nsecurityContext: { windowsOptions: { runAsUserName: a } }',
      [
        'FieldValueForbidden spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod',
      ],
    ],
  ])('is refused for every problem at once: %s', async (_what, spec, causes) => {
    expect(await podRefusals(spec)).toEqual(causes)
  })

  it('is refused for annotations that say nothing', async () => {
    const annotations = {
      'controller.kubernetes.io/pod-deletion-cost': '+1',
      'kubernetes.io/config.mirror': 'x',
      'container.apparmor.security.beta.kubernetes.io/d': 'odd',
    }
    expect(await podRefusals('', `annotations: ${JSON.stringify(annotations)}`)).toEqual([
      'FieldValueInvalid metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set',
      'FieldValueInvalid metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "+1": must be a 32bit integer',
      'FieldValueInvalid metadata.annotations[container.apparmor.security.beta.kubernetes.io/d]: Invalid value: "d": container not found',
      'FieldValueInvalid metadata.annotations[container.apparmor.security.beta.kubernetes.io/d]: Invalid value: "odd": invalid AppArmor profile name: "odd"',
    ])
  })

  it('has the values of its own labels in its selectors', async () => {
    const { spec } = await new TestKinds().create(`
apiVersion: v1
kind: Pod
metadata: { name: p, labels: { app: web, hash: x } }
spec:
  containers: [{ name: c, image: i }]
  topologySpreadConstraints:
    - { maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, matchLabelKeys: [hash, none], labelSelector: { matchLabels: { app: web } } }
  affinity:
    podAntiAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
        - { topologyKey: zone, mismatchLabelKeys: [hash], labelSelector: { matchLabels: { app: web } } }
`)
    expect(spec.topologySpreadConstraints[0].labelSelector.matchExpressions).toEqual([
      { key: 'hash', operator: 'In', values: ['x'] },
    ])
    const [term] = spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution
    expect(term.labelSelector.matchExpressions).toEqual([{ key: 'hash', operator: 'NotIn', values: ['x'] }])
  })
})
