import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { launchChromium, openPage } from './browser.ts'
import { kubectlFor } from './clients.ts'
import { disposeCluster, startCluster, type RunningCluster } from './cluster.ts'

export interface ClusterPage {
  cluster: RunningCluster
  kubectl: ReturnType<typeof kubectlFor>
  browser: Browser
  page: Page
  /** Script errors and console errors so far. */
  problems: string[]
}

/** A cluster and the page over it for all tests of a file; `prepare` comes before the page opens. */
export function useClusterPage(
  args: string[],
  prepare?: (kubectl: ClusterPage['kubectl']) => Promise<unknown>,
): Readonly<ClusterPage> {
  const shared: Partial<ClusterPage> = {}
  beforeAll(async () => {
    const cluster = (shared.cluster = await startCluster({ args }))
    const kubectl = (shared.kubectl = kubectlFor(cluster.kubeconfig))
    await prepare?.(kubectl)
    const browser = (shared.browser = await launchChromium())
    const { page, problems } = await openPage(browser, cluster.ui)
    Object.assign(shared, { page, problems })
    await page.getByRole('navigation').getByRole('link', { name: 'Nodes', exact: true }).waitFor()
  })
  afterAll(async () => {
    await shared.browser?.close()
    if (shared.cluster) await disposeCluster(shared.cluster)
  })
  return shared as ClusterPage
}
