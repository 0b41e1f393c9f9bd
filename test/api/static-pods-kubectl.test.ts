import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { kubectlFor } from '../harness/clients.ts'
import {
  disposeCluster,
  nodesReady,
  startCluster,
  temporaryDirectory,
  type RunningCluster,
} from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

const dataDirectory = temporaryDirectory()
const manifests = join(dataDirectory, 'manifests')
const pod = 'web-static-node-1'
let cluster: RunningCluster
let kubectl: ReturnType<typeof kubectlFor>

beforeAll(async () => {
  mkdirSync(manifests)
  writeFileSync(
    join(manifests, 'web.yaml'),
    `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: nginx
`,
  )
  cluster = await startCluster({ args: ['--runtime', 'simulated', '--name', 'static'], dataDirectory })
  kubectl = kubectlFor(cluster.kubeconfig)
  await nodesReady(kubectl)
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
})

const uid = (): Promise<string> => kubectl(['get', 'pod', pod, '-o', 'jsonpath={.metadata.uid}'])

it('a static pod is seen, read, cannot be deleted, and goes with its file', async () => {
  await kubectl(['wait', `pod/${pod}`, '--for=create', '--timeout=120s'])
  await kubectl(['wait', `pod/${pod}`, '--for=condition=Ready', '--timeout=120s'])
  expect(await kubectl(['logs', pod])).toContain('container web')
  expect(await kubectl(['describe', 'pod', pod])).toMatch(/Controlled By:\s+Node\/static-node-1/)
  await eventually('an event tells of its start', async () =>
    /Normal\s+Started\s.*Container started/.test(await kubectl(['describe', 'pod', pod])),
  )

  const first = await uid()
  await kubectl(['delete', 'pod', pod])
  await eventually('it is there again', async () => (await uid()) !== first)
  await kubectl(['wait', `pod/${pod}`, '--for=condition=Ready', '--timeout=120s'])

  writeFileSync(
    join(manifests, 'broken.yaml'),
    'apiVersion: v1\nkind: Pod\nmetadata: {name: UPPER}\nspec: {containers: []}\n',
  )
  await eventually('an event tells what is wrong with the other', async () => {
    const events = await kubectl(['get', 'events', '--field-selector', 'reason=InvalidStaticPod'])
    return (
      events.includes('broken.yaml: invalid pod: metadata.name: ') &&
      events.includes('spec.containers: Required')
    )
  })

  rmSync(join(manifests, 'web.yaml'))
  await kubectl(['wait', `pod/${pod}`, '--for=delete', '--timeout=120s'])
})
