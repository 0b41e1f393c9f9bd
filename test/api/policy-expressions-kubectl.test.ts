import { afterAll, beforeAll, expect, it } from 'vitest'
import { kubectlFor } from '../harness/clients.ts'
import { disposeCluster, startCluster, type RunningCluster } from '../harness/cluster.ts'

let cluster: RunningCluster
beforeAll(async () => {
  cluster = await startCluster({ args: ['--runtime', 'simulated', '--name', 'policy-expressions'] })
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
})

const policy = (expression: string): string =>
  JSON.stringify({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'replicas' },
    spec: {
      matchConstraints: {
        resourceRules: [
          { operations: ['CREATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] },
        ],
      },
      validations: [{ expression }],
    },
  })

it('kubectl is told what is wrong with a policy: at once if it cannot be compiled, else in its status', async () => {
  const kubectl = kubectlFor(cluster.kubeconfig)
  const apply = (expression: string): Promise<string> =>
    kubectl(['apply', '-f', '-'], { stdin: policy(expression) })
  await expect(apply('object.spec.replicas <')).rejects.toThrow(
    'The ValidatingAdmissionPolicy "replicas" is invalid: spec.validations[0].expression: Invalid value: "object.spec.replicas <": compilation failed: ERROR: <input>:1:23: Syntax error:',
  )
  await apply('object.replicas > 1')
  const warning = '{.status.typeChecking.expressionWarnings[0].warning}'
  await kubectl([
    'wait',
    'validatingadmissionpolicy/replicas',
    `--for=jsonpath={.status.observedGeneration}=1`,
  ])
  const told = await kubectl(['get', 'validatingadmissionpolicy', 'replicas', '-o', `jsonpath=${warning}`])
  expect(told).toBe(
    "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^\n",
  )
  await apply('object.spec.replicas > 1')
  await kubectl([
    'wait',
    'validatingadmissionpolicy/replicas',
    `--for=jsonpath={.status.observedGeneration}=2`,
  ])
  expect(await kubectl(['get', 'validatingadmissionpolicy', 'replicas', '-o', `jsonpath=${warning}`])).toBe(
    '',
  )
})
