/**
 * A name to which something is going to be appended, in a form that can be judged as a whole name: a dash at its end is
 * no fault (upstream: apimachinery/pkg/api/validation maskTrailingDash).
 */
export function maskTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name
}
