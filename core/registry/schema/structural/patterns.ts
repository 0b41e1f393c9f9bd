import { RE2JS } from 're2js'

/**
 * Tests texts against the patterns of schemas. They are written by users, so they are RE2: matching takes linear time
 * whatever the pattern.
 */
export interface PatternMatcher {
  /** Whether the pattern is found anywhere in the text. Throws for a pattern that `patternProblem` refuses. */
  matches(pattern: string, text: string): boolean
}

/** A matcher that keeps what it compiles. */
export function createPatternMatcher(): PatternMatcher {
  const compiled = new Map<string, RE2JS>()
  return {
    matches(pattern, text) {
      let expression = compiled.get(pattern)
      if (!expression) compiled.set(pattern, (expression = RE2JS.compile(pattern)))
      return expression.test(text)
    },
  }
}

/** Why a pattern cannot be used, or undefined. */
export function patternProblem(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
