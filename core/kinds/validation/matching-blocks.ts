/** Lines of one text that stand in the other too: `size` of them from `a` and from `b` on. */
export interface Match {
  a: number
  b: number
  size: number
}

/** Which lines of either are looked at. */
interface Window {
  fromA: number
  toA: number
  fromB: number
  toB: number
}

/** From this many lines on, lines that stand in a text often do not make a match begin. */
const popularFrom = 200

/**
 * Which lines two texts share, found as Python's difflib does (Ratcliff and Obershelp: the longest run first, then what
 * is before and behind it), which go-difflib follows.
 */
export class MatchingBlocks {
  readonly #a: readonly string[]
  readonly #b: readonly string[]
  readonly #places = new Map<string, number[]>()

  constructor(a: readonly string[], b: readonly string[]) {
    this.#a = a
    this.#b = b
    for (const [at, line] of b.entries()) {
      const places = this.#places.get(line)
      if (places) places.push(at)
      else this.#places.set(line, [at])
    }
    if (b.length < popularFrom) return
    const often = Math.floor(b.length / 100) + 1
    for (const [line, places] of this.#places) if (places.length > often) this.#places.delete(line)
  }

  /** All matches in order, those that touch each other joined. */
  all(): Match[] {
    const found: Match[] = []
    this.#collect({ fromA: 0, toA: this.#a.length, fromB: 0, toB: this.#b.length }, found)
    const joined: Match[] = []
    for (const match of found) {
      const last = joined.at(-1)
      if (last && last.a + last.size === match.a && last.b + last.size === match.b) last.size += match.size
      else joined.push(match)
    }
    return joined
  }

  #collect(within: Window, found: Match[]): void {
    const { a, b, size } = this.#longest(within)
    if (size === 0) return
    const { fromA, toA, fromB, toB } = within
    if (fromA < a && fromB < b) this.#collect({ fromA, toA: a, fromB, toB: b }, found)
    found.push({ a, b, size })
    if (a + size < toA && b + size < toB) this.#collect({ fromA: a + size, toA, fromB: b + size, toB }, found)
  }

  #longest({ fromA, toA, fromB, toB }: Window): Match {
    const best: Match = { a: fromA, b: fromB, size: 0 }
    let lengths = new Map<number, number>()
    for (let at = fromA; at < toA; at++) {
      const next = new Map<number, number>()
      for (const place of this.#places.get(this.#a[at]!) ?? []) {
        if (place < fromB) continue
        if (place >= toB) break
        const size = (lengths.get(place - 1) ?? 0) + 1
        next.set(place, size)
        if (size > best.size) Object.assign(best, { a: at - size + 1, b: place - size + 1, size })
      }
      lengths = next
    }
    // Lines that are left out of the search for being frequent belong to a match all the same.
    while (best.a > fromA && best.b > fromB && this.#a[best.a - 1] === this.#b[best.b - 1]) {
      best.a--
      best.b--
      best.size++
    }
    while (
      best.a + best.size < toA &&
      best.b + best.size < toB &&
      this.#a[best.a + best.size] === this.#b[best.b + best.size]
    ) {
      best.size++
    }
    return best
  }
}
