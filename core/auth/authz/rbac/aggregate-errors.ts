/** Several messages as one (upstream: apimachinery/pkg/util/errors NewAggregate): bare when single, else in brackets. */
export function aggregateErrors(messages: Iterable<string>): string {
  const unique = [...new Set(messages)]
  return unique.length === 1 ? unique[0]! : `[${unique.join(', ')}]`
}
