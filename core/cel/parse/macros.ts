import { accumulatorName } from './ast.ts'
import type { ComprehensionExpr, Expr } from './ast.ts'

/** A macro that was called wrongly: where and why. */
export class MacroError extends Error {
  readonly position: number
  constructor(position: number, message: string) {
    super(message)
    this.position = position
  }
}

interface MacroCall {
  /** Where the parenthesis opens: the place of what the macro becomes. */
  position: number
  target: Expr
  args: Expr[]
}

/** Rewrites a call that is a macro (cel-go: parser/macro.go, ext/comprehensions.go); undefined for any other. */
export function expandMacro(
  name: string,
  call: { position: number; target: Expr | undefined; args: Expr[] },
): Expr | undefined {
  const { position, target, args } = call
  if (!target) return name === 'has' && args.length === 1 ? expandHas(position, args[0]!) : undefined
  if (name === 'bind' && args.length === 3 && target.kind === 'ident' && target.name === 'cel')
    return expandBind(position, args)
  const macro = Object.hasOwn(macros, `${name}:${args.length}`) ? macros[`${name}:${args.length}`] : undefined
  return macro?.({ position, target, args })
}

function expandHas(position: number, arg: Expr): Expr {
  if (arg.kind !== 'select') throw new MacroError(arg.position, 'invalid argument to has() macro')
  return { kind: 'select', operand: arg.operand, field: arg.field, isTest: true, position }
}

const macros: Record<string, (call: MacroCall) => Expr> = {
  'all:2': (call) => quantify('all', call, 1),
  'all:3': (call) => quantify('all', call, 2),
  'exists:2': (call) => quantify('exists', call, 1),
  'exists:3': (call) => quantify('exists', call, 2),
  'exists_one:2': (call) => quantify('one', call, 1),
  'exists_one:3': (call) => quantify('one', call, 2),
  'existsOne:2': (call) => quantify('one', call, 1),
  'existsOne:3': (call) => quantify('one', call, 2),
  'map:2': (call) => collect(call, { variables: 1, transform: call.args[1]! }),
  'map:3': (call) => collect(call, { variables: 1, filter: call.args[1]!, transform: call.args[2]! }),
  'filter:2': (call) => collect(call, { variables: 1, filter: call.args[1]!, transform: call.args[0]! }),
  'transformList:3': (call) => collect(call, { variables: 2, transform: call.args[2]! }),
  'transformList:4': (call) =>
    collect(call, { variables: 2, filter: call.args[2]!, transform: call.args[3]! }),
  'transformMap:3': (call) => intoMap(call, { transform: call.args[2]!, isEntry: false }),
  'transformMap:4': (call) =>
    intoMap(call, { filter: call.args[2]!, transform: call.args[3]!, isEntry: false }),
  'transformMapEntry:3': (call) => intoMap(call, { transform: call.args[2]!, isEntry: true }),
  'transformMapEntry:4': (call) =>
    intoMap(call, { filter: call.args[2]!, transform: call.args[3]!, isEntry: true }),
  'sortBy:2': sortBy,
  'optMap:2': (call) => optionalMap(call, 'optMap'),
  'optFlatMap:2': (call) => optionalMap(call, 'optFlatMap'),
}

interface Variables {
  variable: string
  variable2: string | undefined
}

function iterationVariables(args: Expr[], count: 1 | 2): Variables {
  const problem = count === 1 ? 'argument is not an identifier' : 'argument must be a simple name'
  const [first, second] = args.slice(0, count).map((arg) => {
    if (arg.kind !== 'ident') throw new MacroError(arg.position, problem)
    if (arg.name === '__result__')
      throw new MacroError(arg.position, 'iteration variable overwrites accumulator variable')
    return arg.name
  })
  if (first === second) throw new MacroError(args[1]!.position, `duplicate variable name: ${first}`)
  return { variable: first!, variable2: second }
}

function builder(position: number): {
  accumulator: () => Expr
  literal: (value: boolean | number) => Expr
  call: (name: string, ...args: Expr[]) => Expr
  list: (...elements: Expr[]) => Expr
} {
  return {
    accumulator: () => ({ kind: 'ident', name: accumulatorName, position }),
    literal: (value) => ({ kind: 'literal', value, position }),
    call: (name, ...args) => ({ kind: 'call', name, target: undefined, args, position }),
    list: (...elements) => ({ kind: 'list', elements, optional: new Set(), position }),
  }
}

function quantify(kind: 'all' | 'exists' | 'one', macro: MacroCall, count: 1 | 2): Expr {
  const { position, target, args } = macro
  const { accumulator, literal, call } = builder(position)
  const variables = iterationVariables(args, count)
  const predicate = args[count]!
  const common = {
    kind: 'comprehension',
    position,
    range: target,
    ...variables,
    accumulator: accumulatorName,
  } as const
  switch (kind) {
    case 'all':
      return {
        ...common,
        initial: literal(true),
        condition: call('@not_strictly_false', accumulator()),
        step: call('_&&_', accumulator(), predicate),
        result: accumulator(),
      }
    case 'exists':
      return {
        ...common,
        initial: literal(false),
        condition: call('@not_strictly_false', call('!_', accumulator())),
        step: call('_||_', accumulator(), predicate),
        result: accumulator(),
      }
    case 'one':
      return {
        ...common,
        initial: literal(0),
        condition: literal(true),
        step: call('_?_:_', predicate, call('_+_', accumulator(), literal(1)), accumulator()),
        result: call('_==_', accumulator(), literal(1)),
      }
  }
}

interface Collecting {
  variables: 1 | 2
  filter?: Expr
  transform: Expr
}

function collect({ position, target, args }: MacroCall, { variables, filter, transform }: Collecting): Expr {
  const { accumulator, literal, call, list } = builder(position)
  const append = call('_+_', accumulator(), list(transform))
  return {
    kind: 'comprehension',
    position,
    range: target,
    ...iterationVariables(args, variables),
    accumulator: accumulatorName,
    initial: list(),
    condition: literal(true),
    step: filter ? call('_?_:_', filter, append, accumulator()) : append,
    result: accumulator(),
  }
}

function intoMap(
  { position, target, args }: MacroCall,
  { filter, transform, isEntry }: { filter?: Expr; transform: Expr; isEntry: boolean },
): Expr {
  const { accumulator, literal, call } = builder(position)
  const variables = iterationVariables(args, 2)
  const insert = isEntry
    ? call('cel.@mapInsert', accumulator(), transform)
    : call('cel.@mapInsert', accumulator(), { kind: 'ident', name: variables.variable, position }, transform)
  return {
    kind: 'comprehension',
    position,
    range: target,
    ...variables,
    accumulator: accumulatorName,
    initial: { kind: 'map', entries: [], position },
    condition: literal(true),
    step: filter ? call('_?_:_', filter, insert, accumulator()) : insert,
    result: accumulator(),
  }
}

/** A comprehension over nothing: its accumulator is a name for `value` inside `result`, computed when first read. */
function bindTo(
  name: string,
  { value, result, position }: { value: Expr; result: Expr; position: number },
): ComprehensionExpr {
  const { literal, list } = builder(position)
  return {
    kind: 'comprehension',
    position,
    range: list(),
    variable: '#unused',
    variable2: undefined,
    accumulator: name,
    initial: value,
    condition: literal(false),
    step: { kind: 'ident', name, position },
    result,
  }
}

function expandBind(position: number, args: Expr[]): Expr {
  const [variable, value, result] = args as [Expr, Expr, Expr]
  if (variable.kind !== 'ident')
    throw new MacroError(variable.position, 'cel.bind() variable names must be simple identifiers')
  return bindTo(variable.name, { value, result, position })
}

const sortable = new Set(['list', 'select', 'ident', 'comprehension', 'call'])

/** Sorts by what the second argument makes of each item (cel-go: ext/lists.go sortByMacro). The list is made once. */
function sortBy({ position, target, args }: MacroCall): Expr {
  if (!sortable.has(target.kind)) {
    throw new MacroError(
      target.position,
      'sortBy can only be applied to a list, identifier, comprehension, call or select expression',
    )
  }
  const name = '@__sortBy_input__'
  const input = (): Expr => ({ kind: 'ident', name, position })
  const keys = collect({ position, target: input(), args }, { variables: 1, transform: args[1]! })
  const result: Expr = {
    kind: 'call',
    name: '@sortByAssociatedKeys',
    target: input(),
    args: [keys],
    position,
  }
  return bindTo(name, { value: target, result, position })
}

function optionalMap({ position, target, args }: MacroCall, name: 'optMap' | 'optFlatMap'): Expr {
  const [variable, result] = args as [Expr, Expr]
  if (variable.kind !== 'ident')
    throw new MacroError(variable.position, `${name}() variable name must be a simple identifier`)
  const { call } = builder(position)
  const member = (method: string): Expr => ({ kind: 'call', name: method, target, args: [], position })
  const bound = bindTo(variable.name, { value: member('value'), result, position })
  const mapped = name === 'optMap' ? call('optional.of', bound) : bound
  return call('_?_:_', member('hasValue'), mapped, call('optional.none'))
}
