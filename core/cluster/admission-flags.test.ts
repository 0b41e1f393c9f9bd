import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createDynamicAdmission } from '../admission/dynamic-admission.ts'
import { createAdmission } from '../admission/index.ts'
import { pluginChoiceProblems } from '../admission/plugin-names.ts'
import type { Service } from '../api/generated/core-v1.ts'
import { resources } from '../api/resources.ts'
import { systemClock } from '../util/clock.ts'
import { silentLogger } from '../util/logger.ts'
import { readAdmissionFlags, type AdmissionFlags } from './admission-flags.ts'
import { ensureBootstrapObjects } from './bootstrap-objects.ts'
import { openControlPlane, type ControlPlane } from './control-plane.ts'
import { createTestControlPlane } from './testing/test-control-plane.ts'

const directory = mkdtempSync(join(tmpdir(), 'wheelhouse-admission-'))
afterAll(() => rmSync(directory, { recursive: true }))

function fromFile(text: string): AdmissionFlags | undefined {
  const file = join(directory, 'admission.yaml')
  writeFileSync(file, text)
  return readAdmissionFlags({ 'admission-control-config-file': file })
}

const podSecurity = (rest: string): string => `
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
  - name: PodSecurity
    configuration:
      apiVersion: pod-security.admission.config.k8s.io/v1
      kind: PodSecurityConfiguration
${rest}`

describe('the choice of plugins', () => {
  it('knows every plugin there is', async () => {
    const plane = createTestControlPlane()
    const { client, informers, clock } = plane
    using dynamic = createDynamicAdmission({
      client,
      informers,
      authorize: () => ({ isAllowed: true, reason: '' }),
      findKind: () => undefined,
      clock,
      log: silentLogger,
    })
    const plugins = createAdmission({
      client,
      dynamic,
      clock,
      signerAccess: async () => true,
      enabled: ['DenyServiceExternalIPs'],
    })
    await plane.close()
    const names = plugins.map(({ name }) => name)
    expect(names).toContain('DenyServiceExternalIPs')
    expect(pluginChoiceProblems({ enabled: names, disabled: [] })).toEqual([])
  })

  it('is read from the flags, and refused as upstream refuses it', () => {
    expect(readAdmissionFlags({})).toBeUndefined()
    expect(
      readAdmissionFlags({
        'enable-admission-plugins': ['DenyServiceExternalIPs,NodeRestriction'],
        'disable-admission-plugins': ['PodSecurity', 'LimitRanger'],
      }),
    ).toEqual({
      enabled: ['DenyServiceExternalIPs', 'NodeRestriction'],
      disabled: ['PodSecurity', 'LimitRanger'],
    })
    const wrong = { 'enable-admission-plugins': ['Nope,Priority'], 'disable-admission-plugins': ['Priority'] }
    expect(() => readAdmissionFlags(wrong)).toThrow(
      'enable-admission-plugins plugin "Nope" is unknown; [Priority] in enable-admission-plugins and disable-admission-plugins overlapped',
    )
  })
})

describe('the configuration of PodSecurity', () => {
  it('is read with upstream’s defaults, also out of a file of its own', () => {
    const wanted = {
      defaults: {
        enforce: { level: 'baseline', version: 30 },
        audit: { level: 'privileged', version: 'latest' },
        warn: { level: 'restricted', version: 'latest' },
      },
      exemptions: { usernames: ['root'], runtimeClasses: [], namespaces: ['kube-system'] },
    }
    const text = podSecurity(`
      defaults: { enforce: baseline, enforce-version: v1.30, warn: restricted }
      exemptions: { usernames: [root], namespaces: [kube-system] }`)
    expect(fromFile(text)?.podSecurity).toEqual(wanted)
    writeFileSync(
      join(directory, 'own.yaml'),
      JSON.stringify({
        apiVersion: 'pod-security.admission.config.k8s.io/v1',
        kind: 'PodSecurityConfiguration',
        defaults: { enforce: 'baseline', 'enforce-version': 'v1.30', warn: 'restricted' },
        exemptions: { usernames: ['root'], namespaces: ['kube-system'] },
      }),
    )
    const beside = `{ apiVersion: apiserver.config.k8s.io/v1, kind: AdmissionConfiguration, plugins: [{ name: PodSecurity, path: own.yaml }] }`
    expect(fromFile(beside)?.podSecurity).toEqual(wanted)
  })

  it('is refused by the names of the fields in fault', () => {
    const text = podSecurity(`
      defaults: { enforce: strict, warn-version: 1.30, warning: baseline }
      exemptions: { namespaces: [a, A_B, a], usernames: [''] }`)
    for (const problem of [
      'plugins[0] PodSecurity: unknown field "defaults.warning"',
      'defaults.enforce: Invalid value: "strict": must be one of privileged, baseline, restricted',
      'defaults.warn-version: Invalid value: "1.3": must be "latest" or "v1.x"',
      'exemptions.namespaces[1]: Invalid value: "A_B": a lowercase RFC 1123 label must consist of',
      'exemptions.namespaces[2]: Duplicate value: "a"',
      'exemptions.usernames[0]: Invalid value: "": username must not be empty',
    ])
      expect(() => fromFile(text)).toThrow(problem)
    expect(() => fromFile('kind: AdmissionConfiguration')).toThrow(
      'must be an AdmissionConfiguration of apiserver.config.k8s.io/v1',
    )
    expect(() =>
      fromFile(
        '{ apiVersion: apiserver.config.k8s.io/v1, kind: AdmissionConfiguration, plugins: [{ name: Priority }] }',
      ),
    ).toThrow('plugins[0].name: "Priority" takes no configuration')
  })
})

describe('DenyServiceExternalIPs', () => {
  const open = (admission?: AdmissionFlags): Promise<ControlPlane> =>
    openControlPlane({
      dataDirectory: join(directory, 'data'),
      nodeBackends: () => undefined,
      ...(admission && { admission }),
      clock: systemClock,
      log: silentLogger,
    })
  const service = (name: string, externalIPs: string[]): Service => ({
    metadata: { name, namespace: 'default' },
    spec: { ports: [{ port: 80 }], externalIPs },
  })

  it('is off by default; on, it refuses new addresses and keeps those there are', async () => {
    let plane = await open()
    let client = plane.clientFor('admin')
    await ensureBootstrapObjects(client.transport)
    await client.create(resources.services, service('old', ['192.0.2.1', '192.0.2.2']))
    await plane.close()

    plane = await open({ enabled: ['DenyServiceExternalIPs'], disabled: [] })
    client = plane.clientFor('admin')
    const refused = (name: string): object => ({
      code: 403,
      message: `services "${name}" is forbidden: Use of external IPs is denied by admission control`,
    })
    await expect(client.create(resources.services, service('new', ['192.0.2.1']))).rejects.toMatchObject(
      refused('new'),
    )
    await client.create(resources.services, service('new', []))
    const old = await client.get(resources.services, { namespace: 'default', name: 'old' })
    const withIps = (externalIPs: string[]): Service => ({ ...old, spec: { ...old.spec, externalIPs } })
    await expect(
      client.update(resources.services, withIps(['192.0.2.1', '192.0.2.3'])),
    ).rejects.toMatchObject(refused('old'))
    const { spec } = await client.update(resources.services, withIps(['192.0.2.2']))
    expect(spec?.externalIPs).toEqual(['192.0.2.2'])
    await plane.close()
  })
})
