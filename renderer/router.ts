import { createRouter, createWebHashHistory, type Router } from 'vue-router'
import { retryImport } from './client/retry-import.ts'
import ClusterShell from './layout/ClusterShell.vue'
import HomePage from './pages/HomePage.vue'
import KindListPage from './pages/KindListPage.vue'
import OverviewPage from './pages/OverviewPage.vue'

/**
 * The page's addresses. In the hash, so that the server need not know them. What nearly everyone sees comes with the page itself: one
 * file is there sooner than thirty that ask for each other.
 */
export function createAppRouter(): Router {
  return createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/', name: 'home', component: HomePage },
      {
        path: '/c/:cluster',
        component: ClusterShell,
        children: [
          { path: '', name: 'overview', component: OverviewPage },
          {
            path: 'workloads',
            name: 'workloads',
            component: () => retryImport(() => import('./pages/WorkloadsPage.vue')),
          },
          {
            path: 'port-forwards',
            name: 'port-forwards',
            component: () => retryImport(() => import('./pages/PortForwardsPage.vue')),
          },
          {
            path: 'apply',
            name: 'apply',
            component: () => retryImport(() => import('./pages/ApplyPage.vue')),
          },
          { path: 'k/:kind', name: 'list', component: KindListPage },
          {
            path: 'k/:kind/:namespace/:name',
            name: 'object',
            component: () => retryImport(() => import('./pages/ObjectPage.vue')),
          },
        ],
      },
      { path: '/:rest(.*)*', redirect: '/' },
    ],
  })
}
