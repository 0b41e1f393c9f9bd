import type { LabelSelector } from '../../api/meta.ts'
import { labelMatcher, SelectorError, type Matcher } from '../../api/selectors.ts'
import { TerminalError } from './controller.ts'

/** The matcher of a workload's selector; one that cannot be understood is a TerminalError. */
export function selectorOf(selector: LabelSelector | undefined): Matcher {
  try {
    return labelMatcher(selector)
  } catch (error) {
    if (error instanceof SelectorError) throw new TerminalError(error.message, { cause: error })
    throw error
  }
}
