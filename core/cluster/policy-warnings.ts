import type {
  ExpressionWarning,
  NamedRuleWithOperations,
  ValidatingAdmissionPolicySpec,
} from '../api/generated/admissionregistration-v1.ts'
import { checkPolicyTypes } from '../cel/admission/type-check.ts'
import type { CelType } from '../cel/cel-type.ts'
import { declaredType } from '../cel/declared-type.ts'
import type { DeclaredSchema } from '../cel/declared-type.ts'
import type { KindDefinition } from '../registry/kind.ts'
import type { ApiFacts } from '../registry/schema/api-facts.ts'

const maxKinds = 10
const refPrefix = '#/components/schemas/'
const objectMeta = `${refPrefix}io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta`

/** What is wrong with a policy's expressions, judged by the kinds that its rules name without wildcards. */
export function policyWarnings(
  spec: ValidatingAdmissionPolicySpec,
  kinds: readonly KindDefinition[],
  facts: ApiFacts,
): ExpressionWarning[] {
  const matched = matchedKinds(spec.matchConstraints?.resourceRules ?? [], kinds).flatMap((definition) => {
    const { group, version, kind } = definition
    const type = typeOfKind(definition, facts)
    return type ? [{ name: `${group}/${version}, Kind=${kind}`, type }] : []
  })
  const { paramKind } = spec
  const params = kinds.find(
    ({ group, version, kind }) =>
      kind === paramKind?.kind && paramKind?.apiVersion === (group ? `${group}/${version}` : version),
  )
  return checkPolicyTypes(spec, matched, params && typeOfKind(params, facts))
}

/** At most ten, in the order of group, version and kind. */
function matchedKinds(
  rules: readonly NamedRuleWithOperations[],
  kinds: readonly KindDefinition[],
): KindDefinition[] {
  const found = new Set<KindDefinition>()
  for (const { apiGroups = [], apiVersions = [], resources = [] } of rules) {
    if ([...apiGroups, ...apiVersions].some((name) => name.includes('*'))) continue
    for (const definition of kinds) {
      const { group, version, names } = definition
      if (found.size === maxKinds) break
      if (apiGroups.includes(group) && apiVersions.includes(version) && resources.includes(names.plural)) {
        found.add(definition)
      }
    }
  }
  const order = ({ group, version, kind }: KindDefinition): string[] => [group, version, kind]
  return [...found].toSorted((a, b) => {
    const other = order(b)
    const at = order(a).findIndex((part, index) => part !== other[index])
    return at < 0 ? 0 : order(a)[at]! < other[at]! ? -1 : 1
  })
}

function typeOfKind({ schema, kind: name }: KindDefinition, facts: ApiFacts): CelType | undefined {
  const root: DeclaredSchema =
    typeof schema === 'string'
      ? { $ref: refPrefix + schema }
      : { ...schema, properties: { ...schema.properties, metadata: { $ref: objectMeta } } }
  return declaredType(root, { isResourceRoot: true, name, schemaOf: (wanted) => facts.schema(wanted) })
}
