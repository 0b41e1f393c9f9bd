import { authorizerOverloads } from './authorizer.ts'
import { conversionOverloads } from './conversions.ts'
import { listOverloads, setOverloads } from './lists.ts'
import { formatOverloads } from './named-formats.ts'
import { networkOverloads } from './network.ts'
import { operatorOverloads } from './operators.ts'
import { optionalOverloads } from './optionals.ts'
import { overload } from './overload.ts'
import type { Overload } from './overload.ts'
import { quantityOverloads } from './quantity.ts'
import { regexOverloads } from './regex.ts'
import { semverOverloads } from './semver.ts'
import { stringOverloads } from './strings.ts'
import { timeOverloads } from './time-functions.ts'
import { urlOverloads } from './url.ts'

/** Functions by name, each with its overloads. */
export type FunctionTable = ReadonlyMap<string, readonly Overload[]>

function tableOf(overloads: Overload[]): FunctionTable {
  const table = new Map<string, Overload[]>()
  for (const one of overloads) {
    const known = table.get(one.name)
    if (known) known.push(one)
    else table.set(one.name, [one])
  }
  return table
}

const common = [
  ...operatorOverloads,
  ...conversionOverloads,
  ...timeOverloads,
  ...stringOverloads,
  ...regexOverloads,
  ...listOverloads,
  ...setOverloads,
  ...optionalOverloads,
  ...urlOverloads,
  ...networkOverloads,
  ...quantityOverloads,
  ...semverOverloads,
  ...formatOverloads,
  ...authorizerOverloads,
]

/** What Kubernetes 1.36 offers everywhere (upstream: pkg/cel/environment/base.go). */
export const kubernetesFunctions: FunctionTable = tableOf(common)

/** The same and what only the patches of a MutatingAdmissionPolicy may use (pkg/cel/library/jsonpatch.go). */
export const patchFunctions: FunctionTable = tableOf([
  ...common,
  overload('string_escape_jsonpatch_key', 'jsonpatch::escapeKey(string) -> string', (key: string) =>
    key.replaceAll('~', '~0').replaceAll('/', '~1'),
  ),
])
