import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { openPage } from '../harness/browser.ts'
import { nodesReady } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'
import { useClusterPage } from '../harness/use-cluster-page.ts'

const seeds = join(import.meta.dirname, '../fixtures/seeds')
const manifests = ['nginx.yaml', 'toolbox.yaml']
  .map((file) => readFileSync(join(seeds, file), 'utf8'))
  .join('---\n')

const context = useClusterPage(['--name', 'e2e-page'], nodesReady)
let kubectl: (typeof context)['kubectl']
let page: Page
beforeAll(() => {
  ;({ page, kubectl } = context)
})

function sidebar(name: string): Promise<void> {
  return page.getByRole('navigation').getByRole('link', { name, exact: true }).first().click()
}

function tab(name: string): Promise<void> {
  return page.getByRole('tab', { name }).first().click()
}

function row(name: RegExp): ReturnType<Page['locator']> {
  return page.getByRole('row', { name })
}

describe('the page, in Chromium, over a real cluster', () => {
  it('applies pasted manifests after showing what the server says to each', async () => {
    await sidebar('Apply YAML')
    await page.locator('.cm-content').click()
    await page.keyboard.insertText(manifests)
    await page.getByText('will be created').nth(2).waitFor()
    await page.getByRole('button', { name: 'Apply all' }).click()
    await eventually('the objects exist', async () =>
      /deployment.apps\/nginx/.test(await kubectl(['get', 'deployments,services,pods', '-o', 'name'])),
    )
  })

  it('shows pods live, with status, restarts and age', async () => {
    await sidebar('Pods')
    await row(/nginx-.*Running/)
      .nth(2)
      .waitFor()
    await row(/toolbox.*Running/).waitFor()
    await kubectl(['scale', 'deployment/nginx', '--replicas=4'])
    await row(/nginx-.*Running/)
      .nth(3)
      .waitFor()
    await kubectl(['scale', 'deployment/nginx', '--replicas=2'])
    await eventually('two rows are left', async () => (await row(/nginx-/).count()) === 2)
  })

  it('opens a pod with its containers, conditions, events and YAML', async () => {
    await row(/toolbox/).click()
    await page.getByText('busybox:latest').first().waitFor()
    await page.getByText('PodScheduled').waitFor()
    await tab('Events')
    await page.getByText('Scheduled', { exact: true }).first().waitFor()
    await tab('YAML')
    await page.locator('.cm-content').getByText('terminationGracePeriodSeconds').waitFor()
  })

  it('shows what the cluster and its pods use', async () => {
    await sidebar('Overview')
    await page.getByRole('figure', { name: /^CPU: \d.*allocatable/ }).waitFor({ timeout: 90_000 })
    await page.getByRole('figure', { name: /^Memory: \d/ }).waitFor()
    await sidebar('Pods')
    await row(/nginx-.*Running.*\dm.*[KM]iB/)
      .first()
      .waitFor({ timeout: 90_000 })
  })

  it('says node by node why a pod waits, and what its namespace holds', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'huge' },
      spec: {
        containers: [{ name: 'app', image: 'busybox:latest', resources: { requests: { cpu: '1000' } } }],
      },
    }
    await kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(pod) })
    await row(/huge.*Pending/).click()
    await page.getByText('NodeResourcesFit').first().waitFor()
    await page.getByRole('cell', { name: 'Insufficient cpu', exact: true }).waitFor()
    await sidebar('Namespaces')
    await row(/default/).click()
    await page.getByText('no node can take it').first().waitFor()
    await page.getByText('Pod Security privileged (latest)').waitFor()
    await kubectl(['delete', 'pod', 'huge', '--wait=false'])
    await sidebar('Pods')
    await row(/toolbox/).click()
  })

  it('streams logs and keeps a shell alive over navigation', async () => {
    await page.getByRole('button', { name: 'Logs', exact: true }).first().click()
    await page.getByText('started', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Shell', exact: true }).first().click()
    await page.locator('.xterm-helper-textarea').last().waitFor({ state: 'attached' })
    await eventually('the shell shows its prompt', async () =>
      /#|\$/.test((await page.locator('.xterm-rows').last().textContent()) ?? ''),
    )
    await page.locator('.xterm-helper-textarea').last().focus()
    await page.keyboard.type('echo sum=$((40+2))\n')
    await eventually('the shell answers', async () =>
      /sum=42/.test((await page.locator('.xterm-rows').last().textContent()) ?? ''),
    )
    await sidebar('Services')
    await row(/nginx/).waitFor()
    expect(await page.locator('.xterm-rows').last().textContent()).toContain('sum=42')
    await page.locator('.xterm-helper-textarea').last().focus()
    await page.keyboard.type('echo still-$((1+1))\n')
    await eventually('the same shell goes on', async () =>
      /still-2/.test((await page.locator('.xterm-rows').last().textContent()) ?? ''),
    )
  })

  it('scales a deployment, and says which kubectl command does the same', async () => {
    await sidebar('Deployments')
    await row(/nginx/).click()
    await page.getByRole('button', { name: 'Scale', exact: true }).click()
    const dialog = page.getByRole('dialog').last()
    await dialog.getByText(/kubectl scale/).waitFor()
    await dialog.getByRole('textbox').or(dialog.getByRole('spinbutton')).first().fill('3')
    await dialog.getByRole('button', { name: 'Scale', exact: true }).click()
    await eventually(
      'three replicas are wanted',
      async () => (await kubectl(['get', 'deployment', 'nginx', '-o', 'jsonpath={.spec.replicas}'])) === '3',
    )
  })

  it('edits YAML: a server-side dry run, its diff, then the change', async () => {
    await page.getByRole('button', { name: 'Edit', exact: true }).first().click()
    const editor = page.locator('.dock .cm-content')
    await editor.getByText('apiVersion').first().waitFor()
    await editor.click()
    await page.keyboard.press('Control+f')
    await page.locator('.cm-search input').first().fill('revisionHistoryLimit: 10')
    await page.locator('.cm-search input[name=replace]').fill('revisionHistoryLimit: 7')
    await page.locator('.cm-search button[name=replaceAll]').click()
    await page.getByRole('button', { name: 'Review', exact: true }).click()
    await page.locator('.cm-mergeView').getByText('revisionHistoryLimit: 7').first().waitFor()
    expect(await kubectl(['get', 'deployment', 'nginx', '-o', 'jsonpath={.spec.revisionHistoryLimit}'])).toBe(
      '10',
    )
    await page.getByRole('button', { name: 'Apply', exact: true }).click()
    await eventually(
      'the change is stored',
      async () =>
        (await kubectl(['get', 'deployment', 'nginx', '-o', 'jsonpath={.spec.revisionHistoryLimit}'])) ===
        '7',
    )
  })

  it('forwards a port of a Service and stops again', async () => {
    await sidebar('Services')
    await row(/nginx/).click()
    await page.getByRole('button', { name: 'Port forward', exact: true }).first().click()
    const dialog = page.getByRole('dialog').last()
    await dialog.getByRole('button', { name: 'Start', exact: true }).click()
    const address = await dialog
      .getByText(/127\.0\.0\.1:\d+/)
      .first()
      .textContent()
    const port = /:(\d+)/.exec(address ?? '')?.[1]
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toContain('nginx')
    await page.keyboard.press('Escape')
    await sidebar('Port forwards')
    await page.getByText(`127.0.0.1:${port}`).first().waitFor()
    await page.getByRole('button', { name: 'Stop', exact: true }).first().click()
    await eventually('nothing listens any more', () =>
      fetch(`http://127.0.0.1:${port}/`).then(
        () => false,
        () => true,
      ),
    )
  })

  it('restarts and deletes from the list', async () => {
    await sidebar('Deployments')
    await row(/nginx/).click()
    await page.getByRole('button', { name: 'Restart', exact: true }).first().click()
    await page.getByRole('dialog').last().getByRole('button', { name: 'Restart', exact: true }).click()
    await eventually('the template carries the time of the restart', async () =>
      /restartedAt/.test(await kubectl(['get', 'deployment', 'nginx', '-o', 'yaml'])),
    )
    await page.getByRole('button', { name: 'Delete', exact: true }).first().click()
    await page.getByRole('dialog').last().getByRole('button', { name: 'Delete', exact: true }).click()
    await eventually(
      'the deployment is gone',
      async () => (await kubectl(['get', 'deployments', '-o', 'name'])) === '',
    )
  })

  it('keeps a log that goes on at its end', async () => {
    const script = 'i=0; while true; do i=$((i+1)); echo "order $i"; sleep 0.05; done'
    const image = ['--image=busybox:latest', '--image-pull-policy=IfNotPresent']
    await kubectl(['run', 'ticker', ...image, '--', 'sh', '-c', script])
    await sidebar('Pods')
    await row(/ticker.*Running/).click()
    await page.getByRole('button', { name: 'Logs', exact: true }).first().click()
    await page
      .getByText(/^order \d+$/)
      .first()
      .waitFor()
    const lastOrder = async (): Promise<number> =>
      Number(/order (\d+)/.exec((await page.locator('.log .row').last().textContent()) ?? '')?.[1])
    const before = await lastOrder()
    // More than the rows that are kept ready beyond those in sight.
    await eventually('later lines come into sight', async () => (await lastOrder()) > before + 100)
    await kubectl(['delete', 'pod', 'ticker', '--now'])
    await page.getByRole('button', { name: 'Close' }).last().click()
  })

  it('shows the end of a long log, however it came', async () => {
    const image = ['--image=busybox:latest', '--image-pull-policy=IfNotPresent', '--restart=Never']
    await kubectl(['run', 'loud', ...image, '--', 'sh', '-c', 'seq 40000; echo last-line'])
    await sidebar('Pods')
    await row(/loud.*Completed/).click()
    await page.getByRole('button', { name: 'Logs', exact: true }).first().click()
    await page.getByLabel('How much').last().click()
    await page.getByText('All lines', { exact: true }).last().click()
    await page.locator('.log .row', { hasText: 'last-line' }).waitFor()
    await kubectl(['delete', 'pod', 'loud', '--now'])
    await page.getByRole('button', { name: 'Close' }).last().click()
  })

  it('logs no error and reads well in Korean and in light', async () => {
    expect(context.problems).toEqual([])
    const other = await openPage(context.browser, context.cluster.ui, {
      colorScheme: 'light',
      locale: 'ko-KR',
    })
    await other.page.getByText('파드').first().waitFor()
    expect(other.problems).toEqual([])
    await other.context.close()
  })
})
