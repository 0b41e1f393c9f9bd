import type {
  FlowSchema,
  FlowSchemaSpec,
  PolicyRulesWithSubjects,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  ResourcePolicyRule,
  Subject,
} from '../../api/generated/flowcontrol-v1.ts'
import { everyRequest, mandatoryLevels, mandatorySchemas } from '../../kinds/flowcontrol/mandatory-objects.ts'

/** Says whether an object follows the defaults of the server's version. */
export const autoUpdateAnnotation = 'apf.kubernetes.io/autoupdate-spec'

/** Objects the server goes by even where they are missing, and those it proposes. */
export interface DefaultObjects {
  mandatory: { levels: PriorityLevelConfiguration[]; schemas: FlowSchema[] }
  suggested: { levels: PriorityLevelConfiguration[]; schemas: FlowSchema[] }
}

const apiVersion = 'flowcontrol.apiserver.k8s.io/v1'

function metadataOf(name: string): FlowSchema['metadata'] {
  return { name, annotations: { [autoUpdateAnnotation]: 'true' } }
}

function level(name: string, spec: PriorityLevelConfigurationSpec): PriorityLevelConfiguration {
  return { apiVersion, kind: 'PriorityLevelConfiguration', metadata: metadataOf(name), spec }
}

/** A level with queues: shares, percentage to lend, queues and hand size. */
function queued(
  name: string,
  shares: number,
  lendablePercent: number,
  [queues, handSize]: [number, number],
): PriorityLevelConfiguration {
  return level(name, {
    type: 'Limited',
    limited: {
      nominalConcurrencyShares: shares,
      lendablePercent,
      limitResponse: { type: 'Queue', queuing: { queues, handSize, queueLengthLimit: 50 } },
    },
  })
}

interface SchemaFacts {
  level: string
  precedence: number
  by?: 'ByUser' | 'ByNamespace'
  subjects: Subject[]
  /** Left out: everything. */
  rules?: Pick<PolicyRulesWithSubjects, 'resourceRules' | 'nonResourceRules'>
}

function schemaOf(name: string, spec: FlowSchemaSpec): FlowSchema {
  return { apiVersion, kind: 'FlowSchema', metadata: metadataOf(name), spec }
}

function schema(name: string, facts: SchemaFacts): FlowSchema {
  return schemaOf(name, {
    priorityLevelConfiguration: { name: facts.level },
    matchingPrecedence: facts.precedence,
    ...(facts.by ? { distinguisherMethod: { type: facts.by } } : {}),
    rules: [{ subjects: facts.subjects, ...(facts.rules ?? everyRequest) }],
  })
}

function rule(
  verbs: string[],
  [group, ...resources]: [string, ...string[]],
  clusterScope = false,
): ResourcePolicyRule {
  const scope = clusterScope ? { clusterScope } : {}
  return { verbs, apiGroups: [group], resources, namespaces: ['*'], ...scope }
}

const election = ['get', 'create', 'update']

function groups(...names: string[]): Subject[] {
  return names.map((name) => ({ kind: 'Group', group: { name } }))
}
function users(...names: string[]): Subject[] {
  return names.map((name) => ({ kind: 'User', user: { name } }))
}
function systemAccounts(...names: string[]): Subject[] {
  return names.map((name) => ({
    kind: 'ServiceAccount',
    serviceAccount: { name, namespace: 'kube-system' },
  }))
}

const everyone = groups('system:unauthenticated', 'system:authenticated')
const controllerManager = 'system:kube-controller-manager'
const scheduler = 'system:kube-scheduler'

/** Upstream: pkg/apis/flowcontrol/bootstrap/default.go. */
export const defaultObjects: DefaultObjects = {
  mandatory: {
    levels: Object.entries(mandatoryLevels).map(([name, spec]) => level(name, spec)),
    schemas: Object.entries(mandatorySchemas).map(([name, spec]) => schemaOf(name, spec)),
  },
  suggested: {
    levels: [
      queued('system', 30, 33, [64, 6]),
      queued('node-high', 40, 25, [64, 6]),
      queued('leader-election', 10, 0, [16, 4]),
      queued('workload-high', 40, 50, [128, 6]),
      queued('workload-low', 100, 90, [128, 6]),
      queued('global-default', 20, 50, [128, 6]),
    ],
    schemas: [
      schema('probes', {
        level: 'exempt',
        precedence: 2,
        subjects: everyone,
        rules: {
          nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
        },
      }),
      schema('system-leader-election', {
        level: 'leader-election',
        precedence: 100,
        by: 'ByUser',
        subjects: [...users(controllerManager, scheduler), ...systemAccounts('*')],
        rules: { resourceRules: [rule(election, ['coordination.k8s.io', 'leases'])] },
      }),
      schema('system-node-high', {
        level: 'node-high',
        precedence: 400,
        by: 'ByUser',
        subjects: groups('system:nodes'),
        rules: {
          resourceRules: [
            rule(['*'], ['', 'nodes', 'nodes/status'], true),
            rule(['*'], ['coordination.k8s.io', 'leases']),
          ],
        },
      }),
      schema('system-nodes', {
        level: 'system',
        precedence: 500,
        by: 'ByUser',
        subjects: groups('system:nodes'),
      }),
      schema('kube-controller-manager', {
        level: 'workload-high',
        precedence: 800,
        by: 'ByNamespace',
        subjects: users(controllerManager),
      }),
      schema('kube-scheduler', {
        level: 'workload-high',
        precedence: 800,
        by: 'ByNamespace',
        subjects: users(scheduler),
      }),
      schema('kube-system-service-accounts', {
        level: 'workload-high',
        precedence: 900,
        by: 'ByNamespace',
        subjects: systemAccounts('*'),
      }),
      schema('service-accounts', {
        level: 'workload-low',
        precedence: 9000,
        by: 'ByUser',
        subjects: groups('system:serviceaccounts'),
      }),
      schema('global-default', {
        level: 'global-default',
        precedence: 9900,
        by: 'ByUser',
        subjects: everyone,
      }),
    ],
  },
}
