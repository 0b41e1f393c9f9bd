import { cellText } from './cell-text.ts'
import type { CellInput } from './kind-view.ts'
import { parseRatio, toneOf, type Tone } from './tone.ts'

export interface ContainerSquare {
  name: string
  tone: Tone
  text: string
}

interface ProjectedContainer {
  name: string
  ready?: boolean
  state?: string
  reason?: string
}

function toneOfProjected({ state, reason, ready }: ProjectedContainer): Tone {
  if (state === 'running') return ready ? 'ok' : 'warn'
  if (state === 'terminated') return reason === 'Completed' ? 'off' : 'bad'
  return reason ? toneOf(reason) : 'progress'
}

/** The containers of a pod's row: from the row's projection, or else guessed from `Ready` and `Status`. */
export function containersOf({ row, cell }: CellInput): ContainerSquare[] {
  const projected = row.data?.containers
  if (Array.isArray(projected)) {
    return (projected as ProjectedContainer[]).map((container) => ({
      name: container.name,
      tone: toneOfProjected(container),
      text: container.reason || container.state || '',
    }))
  }
  const ratio = parseRatio(cell('Ready'))
  if (!ratio) return []
  const status = cellText(cell('Status'))
  const others = status === 'Running' ? 'warn' : toneOf(status)
  return Array.from({ length: ratio.want }, (_, index) => ({
    name: String(index + 1),
    tone: index < ratio.have ? 'ok' : others,
    text: index < ratio.have ? '' : status,
  }))
}

/** Restarts of a row: `3 (5m ago)` or a number. */
export function restartsOf({ cell }: CellInput): number {
  return Number.parseInt(cellText(cell('Restarts')), 10) || 0
}
