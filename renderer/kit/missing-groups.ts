import type { MissingNamespace } from '../composables/use-shown-lists.ts'

/** Namespaces missing from what is shown for one reason: the user's rights, or something else. */
export interface MissingGroup {
  isRight: boolean
  text: 'state.missingForbidden' | 'state.missing'
  namespaces: string
  /** In the server's words. */
  messages: string
}

/** The namespaces that cannot be shown, in one group for each of the two reasons. */
export function missingGroups(missing: MissingNamespace[]): MissingGroup[] {
  return [true, false].flatMap((isRight) => {
    const group = missing.filter(({ error }) => (error.code === 403) === isRight)
    if (!group.length) return []
    return {
      isRight,
      text: isRight ? 'state.missingForbidden' : 'state.missing',
      namespaces: group.map(({ namespace }) => namespace).join(', '),
      messages: group.map(({ error }) => error.message).join('\n'),
    }
  })
}
