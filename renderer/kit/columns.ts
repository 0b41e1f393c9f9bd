import { Pause } from '@lucide/vue'
import { h } from 'vue'
import type { LiveColumn } from '../../core/api/live.ts'
import AgeText from '../components/AgeText.vue'
import ObjectLink from '../components/ObjectLink.vue'
import StatusText from '../components/StatusText.vue'
import type { MessageKey } from '../i18n/text.ts'
import { cellText } from './cell-text.ts'
import type { CellInput, KindColumn } from './kind-view.ts'
import { parseRatio, toneOf, toneOfCount, type Tone } from './tone.ts'

interface CellColumnOptions {
  title?: MessageKey
  width?: number
  grow?: number
  hidden?: boolean
  align?: 'right'
}

/** Words kubectl prints for an absent value; shown as a dash. */
export function isAbsent(text: string): boolean {
  return text === '' || text === '<none>' || text === '<unset>'
}

/** A cell with the value `text`, muted when there is none. */
export function plainText(text: string): ReturnType<typeof h> {
  return isAbsent(text)
    ? h('span', { class: 'muted' }, '–')
    : h('span', { class: 'cell-text', title: text }, text)
}

/** The object's name; the one column that cannot be hidden. */
export function nameColumn(): KindColumn {
  return {
    id: 'name',
    title: 'column.name',
    width: 180,
    grow: 3,
    sortKey: ({ row }) => row.name,
    render: ({ row }) => h('span', { class: 'cell-text cell-name', title: row.name }, row.name),
  }
}

/** The namespace; left out of cluster-scoped kinds and of lists of one namespace. */
export function namespaceColumn(): KindColumn {
  return {
    id: 'namespace',
    title: 'column.namespace',
    width: 110,
    grow: 1,
    sortKey: ({ row }) => row.namespace ?? '',
    render: ({ row }) => plainText(row.namespace ?? ''),
  }
}

/** Ticking age, sorted youngest first. */
export function ageColumn(): KindColumn {
  return {
    id: 'age',
    title: 'column.age',
    width: 76,
    align: 'right',
    sortKey: ({ row }) => -Date.parse(row.createdAt ?? '0'),
    render: ({ row }) => h(AgeText, { at: row.createdAt }),
  }
}

/** A server-side column as text; numbers sort as numbers. */
export function cellColumn(id: string, cell: string, options: CellColumnOptions = {}): KindColumn {
  return {
    id,
    title: options.title ?? { text: cell },
    width: options.width ?? 110,
    ...(options.grow ? { grow: options.grow } : {}),
    ...(options.hidden ? { hidden: true } : {}),
    ...(options.align ? { align: options.align } : {}),
    sortKey: (input) => {
      const value = input.cell(cell)
      return typeof value === 'number' ? value : cellText(value)
    },
    render: (input) => plainText(cellText(input.cell(cell))),
  }
}

/** A status word with its coloured dot. */
export function statusColumn(
  cell: string,
  toneFor: (input: CellInput, text: string) => Tone = (_, text) => toneOf(text),
): KindColumn {
  return {
    id: 'status',
    title: 'column.status',
    width: 150,
    grow: 1,
    sortKey: (input) => cellText(input.cell(cell)),
    render: (input) => {
      const text = cellText(input.cell(cell))
      return text ? h(StatusText, { text, tone: toneFor(input, text) }) : plainText('')
    },
  }
}

/** `2/3` with the colour of how complete it is; sorted by what is missing. */
export function ratioColumn(id: string, cell: string, title: MessageKey): KindColumn {
  return {
    id,
    title,
    width: 86,
    sortKey: (input) => {
      const ratio = parseRatio(input.cell(cell))
      return ratio ? (ratio.want === 0 ? 2 : ratio.have / ratio.want) : 3
    },
    render: (input) => {
      const text = cellText(input.cell(cell))
      const ratio = parseRatio(text)
      return ratio
        ? h('span', { class: `tone-${toneOfCount(ratio.have, ratio.want)} tabular` }, text)
        : plainText(text)
    },
  }
}

/** How many replicas of a Deployment are ready, with a mark where its rollout is held. */
export function rolloutColumn(): KindColumn {
  const ratio = ratioColumn('ready', 'Ready', 'column.ready')
  return {
    ...ratio,
    render: (input) => {
      if (input.row.data?.paused !== true) return ratio.render(input)
      const title = input.t('workload.paused')
      return h('span', { class: 'cell-mark', title }, [
        ratio.render(input),
        h(Pause, { size: 12, role: 'img', 'aria-label': title }),
      ])
    },
  }
}

/** `Kind/name` of the managing owner, as a link. */
export function ownerColumn(): KindColumn {
  return {
    id: 'owner',
    title: 'column.controlledBy',
    width: 130,
    grow: 1,
    sortKey: ({ row }) => (row.owner ? `${row.owner.kind}/${row.owner.name}` : ''),
    render: ({ row }) =>
      row.owner
        ? h(ObjectLink, {
            apiVersion: row.owner.apiVersion,
            kind: row.owner.kind,
            namespace: row.namespace,
            name: row.owner.name,
          })
        : plainText(''),
  }
}

/** `a=b,c=d`; hidden at first. */
export function labelsColumn(): KindColumn {
  const text = ({ row }: CellInput): string =>
    Object.entries(row.labels ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(', ')
  return {
    id: 'labels',
    title: 'column.labels',
    width: 200,
    grow: 2,
    hidden: true,
    sortKey: text,
    render: (input) => plainText(text(input)),
  }
}

/** What ReplicaSets and ReplicationControllers list before labels and age. */
export function replicaColumns(): KindColumn[] {
  return [
    nameColumn(),
    namespaceColumn(),
    cellColumn('desired', 'Desired', { title: 'column.desired', width: 90, align: 'right' }),
    cellColumn('current', 'Current', { title: 'column.current', width: 90, align: 'right' }),
    cellColumn('ready', 'Ready', { title: 'column.ready', width: 90, align: 'right' }),
    ownerColumn(),
    cellColumn('images', 'Images', { title: 'column.images', width: 150, grow: 1, hidden: true }),
  ]
}

/** Who holds which role, of both kinds of role binding; `place` comes after the name. */
export function grantColumns(...place: KindColumn[]): KindColumn[] {
  return [
    // Their names are no longer than those of the groups and accounts.
    { ...nameColumn(), width: 250, grow: 4 },
    ...place,
    cellColumn('role', 'Role', { title: 'access.role', width: 180, grow: 5 }),
    cellColumn('users', 'Users', { title: 'access.users', width: 80, grow: 2 }),
    cellColumn('groups', 'Groups', { title: 'access.groups', width: 130, grow: 4 }),
    cellColumn('accounts', 'ServiceAccounts', { title: 'kind.serviceAccounts', width: 130, grow: 4 }),
  ]
}

/** What both kinds of admission policy list; `expressions` is the server's column that counts theirs. */
export function policyColumns(expressions: 'Mutations' | 'Validations'): KindColumn[] {
  return [
    nameColumn(),
    cellColumn('expressions', expressions, { title: 'admission.expressions', width: 110, align: 'right' }),
    cellColumn('params', 'ParamKind', { title: 'admission.parameters', width: 160, grow: 1 }),
    labelsColumn(),
    ageColumn(),
  ]
}

/** What the bindings of both kinds of admission policy list. */
export function policyBindingColumns(): KindColumn[] {
  return [
    nameColumn(),
    cellColumn('policy', 'PolicyName', { title: 'admission.policy', width: 170, grow: 1 }),
    cellColumn('params', 'ParamRef', { title: 'admission.parameters', width: 150, grow: 1 }),
    labelsColumn(),
    ageColumn(),
  ]
}

/** Columns of a kind that has none of its own, from the server's. */
export function serverColumns(columns: LiveColumn[], namespaced: boolean): KindColumn[] {
  const own = columns
    .filter((column) => !['name', 'namespace', 'age'].includes(column.name.toLowerCase()))
    .map((column) => {
      const id = `server:${column.name}`
      const options = { width: 120, grow: 1, hidden: column.priority > 0 }
      return /^(status|phase)$/i.test(column.name)
        ? { ...statusColumn(column.name), id, title: { text: column.name }, hidden: column.priority > 0 }
        : cellColumn(id, column.name, options)
    })
  return [nameColumn(), ...(namespaced ? [namespaceColumn()] : []), ...own, labelsColumn(), ageColumn()]
}
