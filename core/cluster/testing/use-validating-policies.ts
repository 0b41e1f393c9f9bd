import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { resources } from '../../api/resources.ts'
import type { Client } from '../../client/client.ts'
import { serveControlPlane, type ServedControlPlane } from './serve-control-plane.ts'
import { refusal } from './refusal.ts'
import { waitFor } from './wait-for.ts'
import type { Json } from './webhook-server.ts'

/** What the policies of these tests are about. */
export const configMapRules = [
  { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] },
]

/** A control plane with an audit log for a file; no validating policy stays in force after a test. */
export function useValidatingPolicies() {
  const directory = mkdtempSync(join(tmpdir(), 'policies-'))
  let served: ServedControlPlane
  let client: Client
  let names = 0

  beforeAll(async () => {
    const policyFile = join(directory, 'policy.yaml')
    writeFileSync(policyFile, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{ level: Metadata }]\n')
    served = await serveControlPlane({
      audit: { policyFile, logPath: join(directory, 'audit.log'), maxSizeMegabytes: 10, maxBackups: 1 },
    })
    ;({ client } = served)
  })
  afterAll(async () => {
    await served[Symbol.asyncDispose]()
    rmSync(directory, { recursive: true })
  })
  afterEach(async () => {
    await client.deleteCollection(resources.validatingAdmissionPolicyBindings, {})
    await client.deleteCollection(resources.validatingAdmissionPolicies, {})
    await client.list(resources.validatingAdmissionPolicies)
  })

  /** Puts a policy in force for configmaps; waits until it is. */
  async function enforce(spec: object, binding: object = {}): Promise<void> {
    const marker = `marker-${++names}`
    await client.create(resources.validatingAdmissionPolicies, {
      metadata: { name: 'p' },
      spec: { matchConstraints: { resourceRules: configMapRules }, ...spec },
    } as Json)
    await client.create(resources.validatingAdmissionPolicyBindings, {
      metadata: { name: 'b' },
      spec: { policyName: 'p', validationActions: ['Deny'], ...binding },
    } as Json)
    // A policy of its own, written last, shows that what came before is seen.
    await client.create(resources.validatingAdmissionPolicies, {
      metadata: { name: marker },
      spec: {
        matchConstraints: { resourceRules: configMapRules },
        matchConditions: [{ name: 'marker', expression: `object.metadata.name == '${marker}'` }],
        validations: [{ expression: 'false', message: 'seen' }],
      },
    } as Json)
    await client.create(resources.validatingAdmissionPolicyBindings, {
      metadata: { name: marker },
      spec: { policyName: marker, validationActions: ['Deny'] },
    } as Json)
    await waitFor(async () => {
      const said = await refusal(
        client.create(resources.configMaps, configMap({ name: marker }), { dryRun: true }),
      )
      return said.includes(': seen') || said.includes("'p'") ? true : undefined
    })
  }
  const configMap = (metadata: object = {}, data: object = { a: '1' }): Json => ({
    metadata: { name: `c${++names}`, namespace: 'default', ...metadata },
    data,
  })
  const create = (metadata?: object, data?: object): Promise<unknown> =>
    client.create(resources.configMaps, configMap(metadata, data))

  async function rebind(paramRef: object): Promise<void> {
    const binding = await client.get(resources.validatingAdmissionPolicyBindings, { name: 'b' })
    await client.update(resources.validatingAdmissionPolicyBindings, {
      ...binding,
      spec: { ...binding.spec, paramRef },
    } as Json)
  }

  return {
    get served() {
      return served
    },
    get client() {
      return client
    },
    directory,
    enforce,
    configMap,
    create,
    rebind,
  }
}
