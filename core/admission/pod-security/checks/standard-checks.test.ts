import { describe, expect, it } from 'vitest'
import type { PodSpec } from '../../../api/generated/core-v1.ts'
import { factsOf } from '../check.ts'
import { detailsText, violationsOf } from '../evaluate.ts'
import type { Level, LevelVersion } from '../policy.ts'

/** A pod that meets the strictest standard of every release. */
const secure: PodSpec = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      name: 'a',
      image: 'i',
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    },
  ],
}

function problems(
  level: Level,
  version: LevelVersion['version'],
  spec: PodSpec,
  annotations?: Record<string, string>,
): string {
  return detailsText(violationsOf(factsOf(annotations, spec), { level, version }))
}

/** The secure pod with its container changed. */
function withContainer(change: Partial<PodSpec['containers'][0]>): PodSpec {
  const [container] = secure.containers
  const securityContext = { ...container!.securityContext, ...change.securityContext }
  return { ...secure, containers: [{ ...container!, ...change, securityContext }] }
}

function withContext(change: NonNullable<PodSpec['securityContext']>): PodSpec {
  return { ...secure, securityContext: { ...secure.securityContext, ...change } }
}

const bare: PodSpec = {
  initContainers: [{ name: 'i', image: 'i' }],
  containers: [
    { name: 'a', image: 'i' },
    { name: 'b', image: 'i' },
  ],
}

describe('a level and its versions', () => {
  it('asks nothing of a secure pod', () => {
    for (const version of [0, 8, 19, 22, 25, 34, 36, 'latest'] as const) {
      expect(problems('restricted', version, secure)).toBe('')
    }
  })
  it('asks nothing when privileged', () => {
    expect(problems('privileged', 'latest', { ...bare, hostNetwork: true })).toBe('')
  })
  it('names every rule that a bare pod breaks, baseline rules first', () => {
    expect(problems('baseline', 'latest', bare)).toBe('')
    expect(problems('restricted', 'latest', { ...bare, hostPID: true })).toBe(
      'host namespaces (hostPID=true), ' +
        'allowPrivilegeEscalation != false (containers "i", "a", "b" must set securityContext.allowPrivilegeEscalation=false), ' +
        'unrestricted capabilities (containers "i", "a", "b" must set securityContext.capabilities.drop=["ALL"]), ' +
        'runAsNonRoot != true (pod or containers "i", "a", "b" must set securityContext.runAsNonRoot=true), ' +
        'seccompProfile (pod or containers "i", "a", "b" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    )
  })
  it('asks for what the release of the version asked for', () => {
    expect(problems('restricted', 7, bare)).toBe(
      'runAsNonRoot != true (pod or containers "i", "a", "b" must set securityContext.runAsNonRoot=true)',
    )
    expect(problems('restricted', 18, bare)).not.toContain('seccompProfile')
    expect(problems('restricted', 19, bare)).toContain('seccompProfile')
    expect(problems('restricted', 21, bare)).not.toContain('capabilities')
    expect(problems('restricted', 22, bare)).toContain('unrestricted capabilities')
  })
  it('takes a version of the future for the newest', () => {
    expect(problems('restricted', 99, bare)).toBe(problems('restricted', 'latest', bare))
  })
})

describe('baseline rules', () => {
  it.each<[string, PodSpec, string]>([
    [
      'privileged',
      withContainer({ securityContext: { privileged: true } }),
      'privileged (container "a" must not set securityContext.privileged=true)',
    ],
    [
      'hostNamespaces',
      { ...secure, hostNetwork: true, hostPID: true, hostIPC: true },
      'host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)',
    ],
    [
      'hostPathVolumes',
      {
        ...secure,
        volumes: [
          { name: 'v', hostPath: { path: '/' } },
          { name: 'w', hostPath: { path: '/' } },
        ],
      },
      'hostPath volumes (volumes "v", "w")',
    ],
    [
      'hostPorts',
      withContainer({
        ports: [
          { containerPort: 1, hostPort: 80 },
          { containerPort: 2, hostPort: 443 },
        ],
      }),
      'hostPort (container "a" uses hostPorts 443, 80)',
    ],
    [
      'capabilities',
      withContainer({ securityContext: { capabilities: { add: ['SYS_ADMIN', 'CHOWN', 'NET_RAW'] } } }),
      'non-default capabilities (container "a" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add)',
    ],
    [
      'procMount',
      withContainer({ securityContext: { procMount: 'Unmasked' } }),
      'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
    ],
    [
      'seLinuxOptions',
      withContext({ seLinuxOptions: { type: 'spc_t', user: 'u', role: 'r' } }),
      'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set; role may not be set)',
    ],
    [
      'seccompProfile',
      withContext({ seccompProfile: { type: 'Unconfined' } }),
      'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      'sysctls',
      withContext({
        sysctls: [
          { name: 'kernel.msgmax', value: '1' },
          { name: 'net.ipv4.tcp_rmem', value: '1' },
        ],
      }),
      'forbidden sysctls (kernel.msgmax)',
    ],
    [
      'appArmorProfile',
      withContext({ appArmorProfile: { type: 'Unconfined' } }),
      'forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")',
    ],
    [
      'windowsHostProcess',
      withContext({ windowsOptions: { hostProcess: true } }),
      'hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)',
    ],
    [
      'hostProbesAndHostLifecycle',
      withContainer({
        livenessProbe: { httpGet: { host: 'z', port: 1 } },
        lifecycle: { preStop: { tcpSocket: { host: 'b', port: 1 } } },
      }),
      'probe or lifecycle host (container "a" uses probe or lifecycle hosts "b", "z")',
    ],
  ])('%s', (_id, spec, text) => {
    expect(problems('baseline', 'latest', spec)).toBe(text)
    expect(problems('privileged', 'latest', spec)).toBe('')
  })

  it('reads annotations where fields came later', () => {
    const annotations = {
      'seccomp.security.alpha.kubernetes.io/pod': 'unconfined',
      'container.apparmor.security.beta.kubernetes.io/a': 'unconfined',
      'container.seccomp.security.alpha.kubernetes.io/a': 'localhost/x',
    }
    expect(problems('baseline', 18, secure, annotations)).toBe(
      'forbidden AppArmor profile (annotation must not set AppArmor profile type to ' +
        '"container.apparmor.security.beta.kubernetes.io/a="unconfined""), ' +
        'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
    )
  })
  it.each([
    ['net.ipv4.ip_local_reserved_ports', 27],
    ['net.ipv4.tcp_keepalive_time', 29],
    ['net.ipv4.tcp_wmem', 32],
  ])('allows sysctl %s from v1.%i on', (name, since) => {
    const spec = withContext({ sysctls: [{ name, value: '1' }] })
    expect(problems('baseline', since - 1, spec)).toBe(`forbidden sysctls (${name})`)
    expect(problems('baseline', since, spec)).toBe('')
  })
  it('allows container_engine_t from v1.31 on and hosts in probes before v1.34', () => {
    const engine = withContext({ seLinuxOptions: { type: 'container_engine_t' } })
    expect(problems('baseline', 30, engine)).toContain('type "container_engine_t"')
    expect(problems('baseline', 31, engine)).toBe('')
    const probe = withContainer({ startupProbe: { tcpSocket: { host: 'h', port: 1 } } })
    expect(problems('baseline', 33, probe)).toBe('')
    expect(problems('baseline', 34, probe)).toBe(
      'probe or lifecycle host (container "a" uses probe or lifecycle host "h")',
    )
  })
})

describe('restricted rules', () => {
  it.each<[string, PodSpec, string]>([
    [
      'capabilities in place of the baseline rule',
      withContainer({ securityContext: { capabilities: { add: ['CHOWN'] } } }),
      'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]; ' +
        'container "a" must not include "CHOWN" in securityContext.capabilities.add)',
    ],
    [
      'capabilities of which only some are dropped',
      withContainer({
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['NET_RAW'] } },
      }),
      'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"])',
    ],
    [
      'a seccomp profile of the node, which is let be',
      withContext({
        runAsNonRoot: true,
        seccompProfile: { type: 'Localhost', localhostProfile: 'profiles/a.json' },
      }),
      '',
    ],
    [
      'volumes in place of the baseline rule',
      {
        ...secure,
        volumes: [
          { name: 'v', hostPath: { path: '/' } },
          { name: 'n', nfs: { server: 's', path: '/' } },
          { name: 'c', configMap: { name: 'c' } },
        ],
      },
      'restricted volume types (volumes "v", "n" use restricted volume types "hostPath", "nfs")',
    ],
    [
      'runAsNonRoot',
      { ...withContainer({ securityContext: { runAsNonRoot: false } }) },
      'runAsNonRoot != true (container "a" must not set securityContext.runAsNonRoot=false)',
    ],
    ['runAsUser', withContext({ runAsUser: 0 }), 'runAsUser=0 (pod must not set runAsUser=0)'],
    [
      'seccompProfile in place of the baseline rule',
      withContainer({ securityContext: { seccompProfile: { type: 'Unconfined' } } }),
      'seccompProfile (container "a" must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
  ])('%s', (_id, spec, text) => {
    expect(problems('restricted', 'latest', spec)).toBe(text)
  })

  it('judges seccomp profiles by field from v1.19 on', () => {
    const spec = withContext({ seccompProfile: { type: 'Unconfined' } })
    expect(problems('baseline', 18, spec)).toBe('')
    expect(problems('baseline', 19, spec)).toContain('seccompProfile')
  })

  it('spares pods in a user namespace from v1.35 on, but for procMount', () => {
    const spec: PodSpec = {
      ...withContainer({ securityContext: { procMount: 'Unmasked', runAsUser: 0 } }),
      securityContext: { runAsNonRoot: false, seccompProfile: { type: 'RuntimeDefault' } },
      hostUsers: false,
    }
    expect(problems('restricted', 34, spec)).toMatch(/^procMount .*runAsNonRoot != true .*runAsUser=0/)
    expect(problems('restricted', 35, spec)).toBe(
      'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
    )
    expect(problems('baseline', 34, spec)).toContain('procMount')
    expect(problems('baseline', 35, spec)).toBe('')
  })
  it('asks nothing Linux-only of Windows pods from v1.25 on', () => {
    const spec: PodSpec = {
      os: { name: 'windows' },
      securityContext: { runAsNonRoot: true },
      containers: [{ name: 'a', image: 'i' }],
    }
    expect(problems('restricted', 24, spec)).toContain('allowPrivilegeEscalation')
    expect(problems('restricted', 25, spec)).toBe('')
  })
})
