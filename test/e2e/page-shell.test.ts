import type { Page, WebSocketRoute } from 'playwright-core'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { nodesReady } from '../harness/cluster.ts'
import { useClusterPage } from '../harness/use-cluster-page.ts'

const context = useClusterPage(['--name', 'e2e-shell', '--runtime', 'simulated'])
let page: Page
/** Lets the next shell connect, and gives its connection once the page has said how large its screen is. */
let connect: () => Promise<WebSocketRoute>
beforeAll(async () => {
  const { kubectl } = context
  ;({ page } = context)
  await nodesReady(kubectl)
  await kubectl(['run', 'toolbox', '--image=toolbox'])
  await kubectl(['wait', 'pod/toolbox', '--for=condition=Ready', '--timeout=60s'])
})
beforeEach(async () => {
  await page.unrouteAll()
  const held = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<WebSocketRoute>()
  await page.routeWebSocket(/\/pods\/toolbox\/exec/, async (socket) => {
    socket.onMessage(() => opened.resolve(socket))
    await held.promise
  })
  connect = () => {
    held.resolve()
    return opened.promise
  }
  const { href } = new URL('#/c/local/k/pods?ns=default', page.url())
  await page.goto('about:blank')
  await page.goto(href)
  await page.getByRole('row', { name: /toolbox/ }).waitFor()
  await page.getByRole('grid').focus()
  await page.keyboard.press('ArrowDown')
})

const focused = (selector: string): ReturnType<Page['locator']> =>
  page.locator(selector).and(page.locator(':focus'))
const screen = (): ReturnType<Page['locator']> => focused('.dock .xterm-helper-textarea')

describe('a shell opened by its key', () => {
  it('has what is typed from then on, and the list none of it', async () => {
    const { promise: wanted, resolve: send } = Promise.withResolvers<void>()
    await page.route(/ShellPanel[^/]*\.js/, (route) => wanted.then(() => route.continue()))
    await page.keyboard.press('s')
    for (const key of ['Delete', '?', 's']) await page.keyboard.press(key)
    expect(await focused('.dock [role=tabpanel]').count()).toBe(1)
    send()
    await connect()
    await screen().waitFor({ state: 'attached' })
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect(await page.locator('.dock').getByRole('tab').count()).toBe(1)
  })

  it('leaves the focus to who has gone elsewhere before it connects', async () => {
    await page.keyboard.press('s')
    await page.getByText('Connecting').waitFor()
    await page.getByRole('grid').focus()
    await connect()
    await page.getByText('Connecting').waitFor({ state: 'hidden' })
    expect(await focused('[role=grid]').count()).toBe(1)
  })

  it('has the focus again when it is connected again', async () => {
    await page.keyboard.press('s')
    const socket = await connect()
    await screen().waitFor({ state: 'attached' })
    await socket.close({ code: 1001 })
    await page.getByRole('button', { name: 'New session' }).click()
    await screen().waitFor({ state: 'attached' })
  })
})
