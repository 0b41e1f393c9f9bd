import { createRouter, createWebHashHistory, type Router } from 'vue-router'

/** The page's addresses. In the hash, so that the server need not know them. */
export function createAppRouter(): Router {
  return createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/', name: 'home', component: () => import('./pages/HomePage.vue') },
      {
        path: '/c/:cluster',
        component: () => import('./layout/ClusterShell.vue'),
        children: [
          { path: '', name: 'overview', component: () => import('./pages/OverviewPage.vue') },
          { path: 'workloads', name: 'workloads', component: () => import('./pages/WorkloadsPage.vue') },
          {
            path: 'port-forwards',
            name: 'port-forwards',
            component: () => import('./pages/PortForwardsPage.vue'),
          },
          { path: 'apply', name: 'apply', component: () => import('./pages/ApplyPage.vue') },
          { path: 'k/:kind', name: 'list', component: () => import('./pages/KindListPage.vue') },
          {
            path: 'k/:kind/:namespace/:name',
            name: 'object',
            component: () => import('./pages/ObjectPage.vue'),
          },
        ],
      },
      { path: '/:rest(.*)*', redirect: '/' },
    ],
  })
}
