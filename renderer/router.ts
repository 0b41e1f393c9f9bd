import { createRouter, createWebHashHistory, type Router } from 'vue-router'
import { retryImport } from './client/retry-import.ts'

/** The page's addresses. In the hash, so that the server need not know them. */
export function createAppRouter(): Router {
  return createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/', name: 'home', component: () => retryImport(() => import('./pages/HomePage.vue')) },
      {
        path: '/c/:cluster',
        component: () => retryImport(() => import('./layout/ClusterShell.vue')),
        children: [
          {
            path: '',
            name: 'overview',
            component: () => retryImport(() => import('./pages/OverviewPage.vue')),
          },
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
          {
            path: 'k/:kind',
            name: 'list',
            component: () => retryImport(() => import('./pages/KindListPage.vue')),
          },
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
