import { afterEach, beforeEach, expect, it } from 'vitest'
import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicySpec,
} from '../../api/generated/admissionregistration-v1.ts'
import { resources } from '../../api/resources.ts'
import { policyWarnings } from '../../cluster/policy-warnings.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { waitFor } from '../../cluster/testing/wait-for.ts'
import { openApiFacts } from '../../registry/schema/api-facts.ts'
import type { Controller } from '../kit/controller.ts'
import { createPolicyStatusController } from './policy-status.ts'

let plane: TestControlPlane
let controller: Controller
beforeEach(async () => {
  plane = createTestControlPlane()
  const facts = openApiFacts()
  controller = createPolicyStatusController(plane.dependencies, ({ spec }) =>
    policyWarnings(spec, plane.registry.kinds(), facts),
  )
  await controller.start()
})
afterEach(async () => {
  await controller.stop()
  await plane.close()
})

function spec(...expressions: string[]): ValidatingAdmissionPolicySpec {
  return {
    matchConstraints: {
      resourceRules: [
        {
          operations: ['CREATE'],
          apiGroups: ['apps'],
          apiVersions: ['v1'],
          resources: ['replicasets', 'deployments', 'deployments/scale'],
        },
        { operations: ['CREATE'], apiGroups: ['*'], apiVersions: ['v1'], resources: ['pods'] },
      ],
    },
    variables: [{ name: 'count', expression: 'object.spec.replicas' }],
    validations: expressions.map((expression) => ({ expression })),
  }
}

type PolicyStatus = NonNullable<ValidatingAdmissionPolicy['status']>

async function statusOf(wanted: number): Promise<PolicyStatus> {
  const get = (): Promise<ValidatingAdmissionPolicy> =>
    plane.client.get(resources.validatingAdmissionPolicies, { name: 'a' })
  await waitFor(async () => (await get()).status?.observedGeneration === wanted)
  return (await get()).status!
}

it('says by matched kind what does not fit its schema, and again when the policy changes', async () => {
  const made = await plane.client.create(resources.validatingAdmissionPolicies, {
    metadata: { name: 'a' },
    spec: spec('object.replicas > 1', 'variables.count < 5', 'variables.count == "5"'),
  })
  const issue = "ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^\n"
  const mismatch =
    "ERROR: <input>:1:17: found no matching overload for '_==_' applied to '(int, string)'\n | variables.count == \"5\"\n | ................^\n"
  expect(await statusOf(1)).toEqual({
    observedGeneration: 1,
    typeChecking: {
      expressionWarnings: [
        {
          fieldRef: 'spec.validations[0].expression',
          warning: `apps/v1, Kind=Deployment: ${issue}\napps/v1, Kind=ReplicaSet: ${issue}`,
        },
        {
          fieldRef: 'spec.validations[2].expression',
          warning: `apps/v1, Kind=Deployment: ${mismatch}\napps/v1, Kind=ReplicaSet: ${mismatch}`,
        },
      ],
    },
  })
  await plane.client.update(resources.validatingAdmissionPolicies, {
    ...made,
    metadata: { name: 'a', resourceVersion: (await current()).metadata.resourceVersion! },
    spec: spec('object.spec.replicas > 1'),
  })
  expect(await statusOf(2)).toEqual({ observedGeneration: 2, typeChecking: {} })
})

it('has nothing to say about expressions that fit', async () => {
  await plane.client.create(resources.validatingAdmissionPolicies, {
    metadata: { name: 'a' },
    spec: spec('object.metadata.labels["a"] == "b" && oldObject == null'),
  })
  expect(await statusOf(1)).toEqual({ observedGeneration: 1, typeChecking: {} })
})

it('judges parameters by their kind', async () => {
  await plane.client.create(resources.validatingAdmissionPolicies, {
    metadata: { name: 'a' },
    spec: {
      ...spec('params.data.limit == "1"', 'params.limit == 1'),
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    },
  })
  const { typeChecking } = await statusOf(1)
  expect(typeChecking?.expressionWarnings).toHaveLength(1)
  expect(typeChecking?.expressionWarnings?.[0]).toMatchObject({
    fieldRef: 'spec.validations[1].expression',
    warning: expect.stringContaining("undefined field 'limit'") as string,
  })
})

function current(): Promise<ValidatingAdmissionPolicy> {
  return plane.client.get(resources.validatingAdmissionPolicies, { name: 'a' })
}
