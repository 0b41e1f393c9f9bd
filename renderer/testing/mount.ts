import { createPinia, setActivePinia } from 'pinia'
import { createApp, h, nextTick, type Component } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { vi } from 'vitest'
import type { KindView } from '../kit/kind-view.ts'
import { createAppI18n, type Language } from '../i18n/i18n.ts'
import { appContextKey, type AppContext } from '../kit/app-context.ts'

export interface MountOptions {
  props?: Record<string, unknown>
  language?: Language
  /** Answers the page's requests by path, without the query; everything else is a 404. */
  answers?: Record<string, unknown>
  context?: Partial<AppContext>
}

export interface Mounted {
  element: HTMLElement
  /** The text as it is read, white space reduced. */
  text(): string
  /** Lets promises and renders that wait have their turn. */
  settle(): Promise<void>
  unmount(): void
}

/** Answers `fetch` from a table of paths (below `/clusters/local/k8s`, or whole); a Response is given as it is. */
export function answerFetch(answers: Record<string, unknown>): void {
  vi.stubGlobal('fetch', (input: string) => {
    const path = input.split('?')[0]!.replace('/clusters/local/k8s', '')
    const answer = answers[path]
    if (answer instanceof Response) return Promise.resolve(answer.clone())
    if (answer !== undefined) return Promise.resolve(Response.json(answer))
    const status = { kind: 'Status', status: 'Failure', code: 404, reason: 'NotFound', message: 'not found' }
    return Promise.resolve(Response.json(status, { status: 404 }))
  })
}

/** Mounts one component of the page as the shell would: stores, texts, routes and the cluster `local`. */
export async function mountPart(component: Component, options: MountOptions = {}): Promise<Mounted> {
  answerFetch(options.answers ?? {})
  // Sockets stay silent: no list ever answers unless a test feeds its store.
  vi.stubGlobal('WebSocket', SilentSocket)
  const pinia = createPinia()
  setActivePinia(pinia)
  const element = document.createElement('div')
  document.body.append(element)
  const app = createApp({ render: () => h(component, options.props ?? {}) })
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:rest(.*)*', name: 'list', component: { render: () => null } }],
  })
  app
    .use(pinia)
    .use(router)
    .use(createAppI18n(options.language ?? 'en'))
  app.provide(appContextKey, { ...silentContext, ...options.context })
  app.mount(element)
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 12; turn++) await nextTick()
    await new Promise((resolve) => setTimeout(resolve))
    await nextTick()
  }
  await settle()
  return {
    element,
    text: () => (element.textContent ?? '').replaceAll(/\s+/g, ' ').trim(),
    settle,
    unmount() {
      app.unmount()
      element.remove()
    },
  }
}

const silentContext: AppContext = {
  cluster: 'local',
  host: {} as AppContext['host'],
  objectRoute: () => undefined,
  viewOf: () => undefined as KindView | undefined,
  runAction: () => undefined,
  filterByLabel: () => undefined,
}

class SilentSocket extends EventTarget {
  readonly readyState = 0
  binaryType = 'blob'
  send(): void {
    // Nobody listens.
  }
  close(): void {
    // It was never open.
  }
}
