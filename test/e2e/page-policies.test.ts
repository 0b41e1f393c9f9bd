import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { nodesReady } from '../harness/cluster.ts'
import { useClusterPage } from '../harness/use-cluster-page.ts'

const manifests = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: web } }
spec: { containers: [{ name: app, image: nginx }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deny, namespace: shop }
spec: { podSelector: {}, policyTypes: [Ingress, Egress] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress: [{ from: [{ podSelector: { matchLabels: { app: proxy } } }], ports: [{ port: 80 }] }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: mistyped, namespace: shop }
spec: { podSelector: { matchExpressions: [{ key: app, operator: In, values: [wep, wab] }] } }
`

const context = useClusterPage(['--name', 'e2e-policies', '--runtime', 'simulated'], async (kubectl) => {
  await nodesReady(kubectl)
  await kubectl(['apply', '-f', '-'], { stdin: manifests })
})
let page: Page
beforeAll(() => {
  ;({ page } = context)
})

async function open(path: string): Promise<void> {
  const { href } = new URL(`#/c/local/k/${path}`, page.url())
  await page.goto('about:blank')
  await page.goto(href)
}

describe('what may talk to what', () => {
  it('counts in the list which pods a policy is for', async () => {
    await open('networkpolicies.networking.k8s.io')
    await page.getByRole('row', { name: /deny.*1 pod · every pod of the namespace/ }).waitFor()
    await page.getByRole('row', { name: /web.*1 pod · app=web/ }).waitFor()
    await page.getByRole('row', { name: /mistyped.*no pods · app in \(wab,wep\)/ }).waitFor()
  })

  it('says of a pod which policies are for it, and what they come to', async () => {
    await open('pods?sel=shop/web')
    const detail = page
      .locator('section', { has: page.getByRole('heading', { name: 'Who may talk to whom' }) })
      .last()
    await detail.getByRole('link', { name: 'deny', exact: true }).waitFor()
    await detail.getByRole('link', { name: 'web', exact: true }).waitFor()
    await detail.getByText('pods app=proxy of this namespace').waitFor()
    await detail.getByText('nothing', { exact: true }).waitFor()
  })
})

describe('what the pods of a namespace may be', () => {
  it('is set after a look at the pods that would not be let in, by keyboard', async () => {
    await open('namespaces?sel=shop')
    await page.getByRole('button', { name: 'Set Pod Security', exact: true }).focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog').last()
    await dialog
      .getByRole('radiogroup', { name: 'Enforce' })
      .getByRole('radio', { name: 'privileged' })
      .and(page.locator(':focus'))
      .waitFor()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await dialog
      .getByText(/existing pods in namespace "shop" violate the new PodSecurity enforce level/)
      .waitFor()
    await dialog.getByText(/web: allowPrivilegeEscalation != false/).waitFor()
    const command = 'kubectl label --overwrite namespace shop pod-security.kubernetes.io/enforce=restricted'
    await dialog.getByText(command).waitFor()
    await page.keyboard.press('ArrowLeft')
    await dialog.getByText(/violate the new PodSecurity/).waitFor({ state: 'detached' })
    await dialog.getByRole('button', { name: 'Set', exact: true }).click()
    await page.getByText('Pod Security baseline (latest)').waitFor()
    await page.getByRole('row', { name: /shop.*baseline/ }).waitFor()
  })
})

describe('who may do what', () => {
  it('is told of a service account by all of its roles together, and where', async () => {
    const { kubectl } = context
    await kubectl(['create', 'serviceaccount', 'robot', '-n', 'shop'])
    await kubectl([
      'create',
      'role',
      'door',
      '-n',
      'shop',
      '--verb=get',
      '--resource=secrets',
      '--resource-name=key',
    ])
    await kubectl([
      'create',
      'rolebinding',
      'door',
      '-n',
      'shop',
      '--role=door',
      '--serviceaccount=shop:robot',
    ])
    await kubectl(['create', 'clusterrole', 'nodes', '--verb=list', '--resource=nodes'])
    await kubectl([
      'create',
      'clusterrolebinding',
      'nodes',
      '--clusterrole=nodes',
      '--group=system:serviceaccounts:shop',
    ])
    await open('serviceaccounts?sel=shop/robot')
    const place = (name: string): ReturnType<Page['locator']> =>
      page.locator('section', { has: page.getByRole('heading', { name, exact: true, level: 3 }) }).last()
    await place('in the namespace shop')
      .getByRole('row', { name: /^secrets only key/ })
      .waitFor()
    await place('the whole cluster')
      .getByRole('row', { name: /^nodes/ })
      .waitFor()
  })
})

describe('the list of ClusterRoleBindings', () => {
  it('has room for the groups and accounts that it names', async () => {
    const before = page.viewportSize()!
    await page.setViewportSize({ width: 2560, height: 1440 })
    await page.goto(new URL('#/c/local/k/clusterrolebindings.rbac.authorization.k8s.io', page.url()).href)
    const grid = page.getByRole('grid', { name: 'ClusterRoleBindings' })
    await grid.getByText('system:bootstrappers:kubeadm:default-node-token').first().waitFor()
    const cut = (): Promise<(string | null)[]> =>
      grid.evaluate((element) =>
        [...element.querySelectorAll('.cell-text')]
          .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
          .map(({ textContent }) => textContent),
      )
    await expect.poll(cut).toEqual([])
    await page.setViewportSize(before)
  })
})
