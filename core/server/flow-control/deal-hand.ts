import { createHash } from 'node:crypto'

/**
 * Deals a flow a hand of queues: the same flow always gets the same `handSize` different indices below `deckSize`, and two
 * flows seldom the same ones (upstream: util/shufflesharding Dealer, over apf_controller.go hashFlowID).
 */
export function dealHand(
  flow: { schema: string; distinguisher: string },
  { deckSize, handSize }: { deckSize: number; handSize: number },
): number[] {
  const digest = createHash('sha256').update(flow.schema).update('\0').update(flow.distinguisher).digest()
  let rest = digest.readBigUInt64LE(0)
  const picks: number[] = []
  for (let dealt = 0; dealt < Math.min(handSize, deckSize); dealt++) {
    const left = BigInt(deckSize - dealt)
    picks.push(Number(rest % left))
    rest /= left
  }
  // Each pick counts among the cards that are left; from last to first it is moved past those dealt before it.
  return picks.map((pick, at) => {
    let card = pick
    for (let before = at - 1; before >= 0; before--) if (card >= picks[before]!) card++
    return card
  })
}
