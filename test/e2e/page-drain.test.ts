import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { nodesReady } from '../harness/cluster.ts'
import { useClusterPage } from '../harness/use-cluster-page.ts'

const shop = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: app, image: web }] }
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web }
spec: { minAvailable: 2, selector: { matchLabels: { app: web } } }
`

const context = useClusterPage(['--name', 'e2e-drain', '--runtime', 'simulated'], async (kubectl) => {
  await nodesReady(kubectl)
  await kubectl(['apply', '-f', '-'], { stdin: shop })
  await kubectl(['rollout', 'status', 'deployment/web', '--timeout=60s'])
  await kubectl(['wait', 'pdb/web', '--for=jsonpath={.status.currentHealthy}=2', '--timeout=60s'])
})
let page: Page
let kubectl: (typeof context)['kubectl']
beforeAll(() => {
  ;({ page, kubectl } = context)
})

function open(address: string): Promise<unknown> {
  return page.goto(new URL(`#/c/local/k/${address}`, page.url()).href)
}
const button = (name: string): ReturnType<Page['locator']> => page.getByRole('button', { name, exact: true })

describe('making room, where a disruption budget stands in the way', () => {
  it('says in the server’s words why a pod may not be evicted', async () => {
    const pod = await kubectl(['get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[0].metadata.name}'])
    await open(`pods?sel=default/${pod}`)
    await button('Evict').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Evict' }).click()
    await page.getByRole('alert').getByText('would violate the pod').waitFor()
    await page.keyboard.press('Escape')
    expect(await kubectl(['get', 'pod', pod, '-o', 'jsonpath={.metadata.deletionTimestamp}'])).toBe('')
  })

  it('drains a node as soon as the budget allows it', async () => {
    const name = await kubectl(['get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}'])
    await open(`nodes?sel=${name}`)
    await button('Drain').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(`kubectl drain ${name} --ignore-daemonsets`).waitFor()
    await dialog.getByRole('button', { name: 'Drain' }).click()
    await dialog.getByText('2 pods still there').waitFor()
    await dialog.getByText('The disruption budget web needs 2 healthy pods').first().waitFor()
    await kubectl(['patch', 'pdb', 'web', '--type=merge', '-p', '{"spec":{"minAvailable":0}}'])
    await dialog.waitFor({ state: 'hidden', timeout: 60_000 })
    expect(await kubectl(['get', 'pods', '--field-selector', `spec.nodeName=${name}`, '-o', 'name'])).toBe('')
    await page.getByText('SchedulingDisabled').first().waitFor()
    await button('Uncordon').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Uncordon' }).click()
    await kubectl(['rollout', 'status', 'deployment/web', '--timeout=60s'])
  })
})
