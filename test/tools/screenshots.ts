/**
 * `npm run screenshots`: the README's pictures, taken in Chromium of a real cluster on Docker with the test images
 * (`npm run images:test`). Writes docs/images/*.png.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { launchChromium, openPage } from '../harness/browser.ts'
import { kubectlFor } from '../harness/clients.ts'
import { disposeCluster, nodesReady, startCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

const root = join(import.meta.dirname, '../..')
const out = join(root, 'docs/images')
const seeds = join(root, 'test/fixtures/seeds')

const shop = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop, labels: { app: web } }
spec:
  replicas: 4
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: nginx
          image: nginx:1.27
          imagePullPolicy: IfNotPresent
          ports: [{ containerPort: 80 }]
          resources: { requests: { cpu: 50m, memory: 32Mi }, limits: { cpu: 200m, memory: 64Mi } }
        - name: ticker
          image: busybox:latest
          imagePullPolicy: IfNotPresent
          command: [sh, -c, 'i=0; while true; do i=$((i+1)); echo "order $i accepted"; sleep 1; done']
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: payments, namespace: shop }
spec:
  replicas: 1
  selector: { matchLabels: { app: payments } }
  template:
    metadata: { labels: { app: payments } }
    spec:
      containers:
        - name: app
          image: busybox:latest
          imagePullPolicy: IfNotPresent
          command: [sh, -c, 'echo "cannot reach the ledger"; exit 3']
---
apiVersion: v1
kind: Pod
metadata: { name: reports, namespace: shop }
spec:
  containers:
    - { name: app, image: 'busybox:latest', resources: { requests: { cpu: '64', memory: 1Gi } } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - podSelector: { matchLabels: { app: payments } }
        - namespaceSelector: { matchLabels: { team: front } }
          podSelector: { matchLabels: { role: proxy } }
      ports: [{ port: 80 }]
  egress:
    - to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } } }]
      ports: [{ protocol: UDP, port: 53 }]
`

async function settle(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle').catch(() => undefined)
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  )
}

async function link(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name, exact: true }).first().click()
}

mkdirSync(out, { recursive: true })
const cluster = await startCluster({ args: ['--name', 'demo', '--nodes', '2'] })
const browser = await launchChromium()
try {
  const kubectl = kubectlFor(cluster.kubeconfig)
  await nodesReady(kubectl)
  await kubectl(['apply', '-f', '-'], { stdin: readFileSync(join(seeds, 'nginx.yaml'), 'utf8') })
  await kubectl(['apply', '-f', '-'], { stdin: shop })
  await kubectl(['rollout', 'status', 'deployment/web', '-n', 'shop', '--timeout=120s'])
  await eventually('the broken deployment has crashed a few times', async () =>
    /CrashLoopBackOff/.test(await kubectl(['get', 'pods', '-n', 'shop'])),
  )
  const { page } = await openPage(browser, cluster.ui)
  await page.getByText('CrashLoopBackOff').first().waitFor()
  await page.getByRole('figure', { name: /^CPU: \d/ }).waitFor({ timeout: 90_000 })
  // Long enough for the curves to have a shape.
  await page.waitForTimeout(150_000)
  await settle(page)
  await page.screenshot({ path: join(out, 'overview-dark.png') })
  await page.goto(new URL('#/c/local/k/networkpolicies.networking.k8s.io/shop/web', page.url()).href)
  await page.getByText('TCP 80').waitFor()
  await page.getByText('4 pods').waitFor()
  await settle(page)
  await page.screenshot({ path: join(out, 'network-policy-dark.png') })
  await link(page, 'Pods')
  await page.getByRole('row', { name: /web-/ }).first().click()
  await page.getByRole('button', { name: 'Logs', exact: true }).first().click()
  // The pods write a line a second and are older than this: what was written before has come.
  await page
    .getByText(/order 1\d\d accepted/)
    .last()
    .waitFor()
  await settle(page)
  await page.screenshot({ path: join(out, 'pods-dark.png') })
  const korean = await openPage(browser, cluster.ui, { colorScheme: 'light', locale: 'ko-KR' })
  // The page leads to its overview first.
  await korean.page.getByRole('navigation').getByRole('link', { name: '파드', exact: true }).waitFor()
  await korean.page.goto(new URL('#/c/local/k/deployments.apps?sel=shop/payments', korean.page.url()).href)
  await korean.page.getByText('payments').first().waitFor()
  await korean.page.getByText('cannot reach the ledger').first().waitFor()
  await settle(korean.page)
  await korean.page.screenshot({ path: join(out, 'deployment-light-ko.png') })
} finally {
  await browser.close()
  await disposeCluster(cluster)
}
