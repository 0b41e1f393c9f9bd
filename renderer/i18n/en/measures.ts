/** Words of what is measured: usage, requests and limits. */
export const measuresEn = {
  usage: {
    title: 'Usage',
    nodes: 'Nodes: used and requested',
    topPods: 'Pods that use most',
    orderBy: 'Order by',
    used: 'used {amount}',
    requested: 'requested {amount}',
    limit: 'limit {amount}',
    requests: 'requests',
    limits: 'limits',
    allocatable: 'allocatable',
    shareOf: '{share} of {total}',
    notMeasured: 'not measured yet',
    waiting: 'Nothing has been measured yet. The first values come within half a minute.',
    waitingPod:
      'This pod has not been measured yet. The first values come within half a minute of its start.',
    waitingPods: 'No pod of it has been measured yet.',
    waitingNode: 'This node has not been measured yet.',
    missing: 'This cluster measures no usage: it serves no metrics.k8s.io API. A metrics-server adds it.',
    forbidden: 'Your user may not list usage (metrics.k8s.io).',
  },
}
