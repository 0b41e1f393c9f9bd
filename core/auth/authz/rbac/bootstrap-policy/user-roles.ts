import type { ClusterRole } from '../../../../api/generated/rbac-v1.ts'
import { allow, group, read, readWrite, write } from './rule.ts'

const aggregateTo = (role: string): Record<string, string> => ({
  [`rbac.authorization.k8s.io/aggregate-to-${role}`]: 'true',
})

/** A role that is the sum of all roles labelled for it; the aggregation controller fills in its rules. */
function aggregate(name: string, labels?: Record<string, string>): ClusterRole {
  return {
    metadata: { name, ...(labels ? { labels } : {}) },
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: aggregateTo(name) }] },
  }
}

const workloadScales = ['deployments/scale', 'replicasets/scale']

/** What metrics-server brings with it, for whoever may view, edit or administer. */
const metricsReader: ClusterRole = {
  metadata: {
    name: 'system:aggregated-metrics-reader',
    labels: { ...aggregateTo('admin'), ...aggregateTo('edit'), ...aggregateTo('view') },
  },
  rules: [allow(read, { in: 'metrics.k8s.io', resources: ['pods', 'nodes'] })],
}

const view: ClusterRole = {
  metadata: { name: 'system:aggregate-to-view', labels: aggregateTo('view') },
  rules: [
    allow(read, {
      in: group.core,
      resources: [
        'pods',
        'replicationcontrollers',
        'replicationcontrollers/scale',
        'serviceaccounts',
        'services',
        'services/status',
        'endpoints',
        'persistentvolumeclaims',
        'persistentvolumeclaims/status',
        'configmaps',
      ],
    }),
    allow(read, {
      in: group.core,
      resources: [
        'limitranges',
        'resourcequotas',
        'resourcequotas/status',
        'bindings',
        'pods/log',
        'pods/status',
        'namespaces/status',
        'replicationcontrollers/status',
      ],
    }),
    // Read in a namespace, this is the namespace itself.
    allow(read, { in: group.core, resources: ['namespaces'] }),
    allow(read, { in: [group.core, group.events], resources: ['events'] }),
    allow(read, { in: group.discovery, resources: ['endpointslices'] }),
    allow(read, {
      in: group.apps,
      resources: [
        'controllerrevisions',
        ...['daemonsets', 'deployments', 'replicasets', 'statefulsets'].flatMap((one) => [
          one,
          `${one}/status`,
        ]),
        ...workloadScales,
        'statefulsets/scale',
      ],
    }),
    allow(read, {
      in: group.autoscaling,
      resources: ['horizontalpodautoscalers', 'horizontalpodautoscalers/status'],
    }),
    allow(read, { in: group.batch, resources: ['cronjobs', 'cronjobs/status', 'jobs', 'jobs/status'] }),
    allow(read, {
      in: group.extensions,
      resources: [
        ...['daemonsets', 'deployments', 'ingresses', 'replicasets'].flatMap((one) => [one, `${one}/status`]),
        ...workloadScales,
        'networkpolicies',
        'replicationcontrollers/scale',
      ],
    }),
    allow(read, { in: group.policy, resources: ['poddisruptionbudgets', 'poddisruptionbudgets/status'] }),
    allow(read, { in: group.networking, resources: ['ingresses', 'ingresses/status', 'networkpolicies'] }),
    allow(read, {
      in: group.resource,
      resources: ['resourceclaims', 'resourceclaims/status', 'resourceclaimtemplates'],
    }),
  ],
}

const edit: ClusterRole = {
  metadata: { name: 'system:aggregate-to-edit', labels: aggregateTo('edit') },
  rules: [
    // Reading these is already power, and so not for viewers.
    allow(read, {
      in: group.core,
      resources: ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'secrets', 'services/proxy'],
    }),
    allow(['impersonate'], { in: group.core, resources: ['serviceaccounts'] }),
    allow(write, {
      in: group.core,
      resources: ['pods', 'pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy'],
    }),
    allow(['create'], { in: group.core, resources: ['pods/eviction'] }),
    allow(write, {
      in: group.core,
      resources: [
        'configmaps',
        'persistentvolumeclaims',
        'replicationcontrollers',
        'replicationcontrollers/scale',
        'secrets',
        'serviceaccounts',
        'services',
        'services/proxy',
      ],
    }),
    allow(['create'], { in: group.core, resources: ['serviceaccounts/token'] }),
    allow(write, { in: [group.core, group.events], resources: ['events'] }),
    allow(write, {
      in: group.apps,
      resources: [
        'daemonsets',
        'deployments',
        'deployments/rollback',
        'replicasets',
        'statefulsets',
        'statefulsets/scale',
        ...workloadScales,
      ],
    }),
    allow(write, { in: group.autoscaling, resources: ['horizontalpodautoscalers'] }),
    allow(write, { in: group.batch, resources: ['cronjobs', 'jobs'] }),
    allow(write, {
      in: group.extensions,
      resources: [
        'daemonsets',
        'deployments',
        'deployments/rollback',
        'ingresses',
        'networkpolicies',
        'replicasets',
        'replicationcontrollers/scale',
        ...workloadScales,
      ],
    }),
    allow(write, { in: group.policy, resources: ['poddisruptionbudgets'] }),
    allow(write, { in: group.networking, resources: ['ingresses', 'networkpolicies'] }),
    allow(readWrite, { in: group.coordination, resources: ['leases'] }),
    allow(write, { in: group.resource, resources: ['resourceclaims', 'resourceclaimtemplates'] }),
  ],
}

const admin: ClusterRole = {
  metadata: { name: 'system:aggregate-to-admin', labels: aggregateTo('admin') },
  rules: [
    allow(['create'], { in: group.authorization, resources: ['localsubjectaccessreviews'] }),
    allow(readWrite, { in: group.rbac, resources: ['roles', 'rolebindings'] }),
  ],
}

/** The roles meant for people: cluster-admin, and admin, edit and view, each of which holds the next. */
export const userRoles: ClusterRole[] = [
  {
    metadata: { name: 'cluster-admin' },
    rules: [allow(['*'], { in: '*', resources: ['*'] }), { nonResourceURLs: ['*'], verbs: ['*'] }],
  },
  metricsReader,
  aggregate('admin'),
  aggregate('edit', aggregateTo('admin')),
  aggregate('view', aggregateTo('edit')),
  admin,
  edit,
  view,
]
