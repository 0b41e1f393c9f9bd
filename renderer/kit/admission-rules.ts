import type {
  NamedRuleWithOperations,
  RuleWithOperations,
  WebhookClientConfig,
} from '../../core/api/generated/admissionregistration-v1.ts'
import type { LabelSelector } from '../../core/api/meta.ts'
import { formatRequirements, requirementsOf } from '../../core/api/selectors.ts'

/** One rule in words: `CREATE, UPDATE` of `deployments.apps/v1`. */
export interface AdmissionRule {
  operations: string
  targets: string
  names: string
  scope: string
}

function targetsOf({ apiGroups = [], apiVersions = [], resources = [] }: RuleWithOperations): string {
  return resources
    .flatMap((resource) =>
      apiGroups.map((group) => {
        const [name, ...sub] = resource.split('/')
        const place = [group ? `${name}.${group}` : name, ...sub].join('/')
        return apiVersions.includes('*') || apiVersions.length === 0
          ? place
          : `${place} (${apiVersions.join(', ')})`
      }),
    )
    .join(', ')
}

/** The rules of a webhook or policy, in their order. */
export function admissionRules(
  rules: (RuleWithOperations | NamedRuleWithOperations)[] | undefined,
): AdmissionRule[] {
  return (rules ?? []).map((rule) => ({
    operations: (rule.operations ?? ['*']).join(', '),
    targets: targetsOf(rule),
    names: 'resourceNames' in rule ? (rule.resourceNames ?? []).join(', ') : '',
    scope: rule.scope && rule.scope !== '*' ? rule.scope : '',
  }))
}

/** Where a webhook is called: `https://…` or `service.namespace:443/path`. */
export function webhookAddress({ url, service }: WebhookClientConfig): string {
  if (url) return url
  return service ? `${service.name}.${service.namespace}.svc:${service.port ?? 443}${service.path ?? ''}` : ''
}

/** A selector as text; '' where it takes everything. */
export function selectorWords(selector: LabelSelector | undefined): string {
  return selector ? formatRequirements(requirementsOf(selector)) : ''
}
