/** Selects the pods of one app. */
export function labels(app: string): { matchLabels: Record<string, string> } {
  return { matchLabels: { app } }
}

/** Who answers on ports 8080 (`http`) and 9090 (`admin`) of the api. */
export const answers = { both: ['api', 'api'], http: ['api', ''], admin: ['', 'api'], none: ['', ''] }
const { both, http, admin, none } = answers

/** Policies of the namespace of web, job and api, and what the api then answers to web and job there and to a pod outside. */
export interface PolicyRow {
  policies: (ips: { api: string; web: string }) => Record<string, object>
  wanted: { web: string[]; job: string[]; outside: string[] }
}

function toApi(ingress: object[]): object {
  return { podSelector: labels('api'), policyTypes: ['Ingress'], ingress }
}

export const policyRows: Record<string, PolicyRow> = {
  'allows a range of ports up to endPort': {
    policies: () => ({ range: toApi([{ ports: [{ port: 8000, endPort: 8080 }] }]) }),
    wanted: { web: http, job: http, outside: http },
  },
  'allows a named port of the pod that is called': {
    policies: () => ({
      named: toApi([{ from: [{ podSelector: labels('web') }], ports: [{ port: 'admin' }] }]),
    }),
    wanted: { web: admin, job: none, outside: none },
  },
  'lets out to a port that the pods called give that name': {
    policies: () => ({
      named: { podSelector: labels('web'), policyTypes: ['Egress'], egress: [{ ports: [{ port: 'http' }] }] },
    }),
    wanted: { web: http, job: both, outside: both },
  },
  'lets in a block but for its exceptions': {
    policies: ({ web }) => ({
      block: toApi([{ from: [{ ipBlock: { cidr: '0.0.0.0/0', except: [`${web}/32`] } }] }]),
    }),
    wanted: { web: none, job: both, outside: both },
  },
  'lets in an exception that another block names': {
    policies: ({ web }) => ({
      block: toApi([{ from: [{ ipBlock: { cidr: '0.0.0.0/0', except: [`${web}/32`] } }] }]),
      overlap: toApi([{ from: [{ ipBlock: { cidr: `${web}/32` } }], ports: [{ port: 8080 }] }]),
    }),
    wanted: { web: http, job: both, outside: both },
  },
  'lets out to a block but for its exceptions': {
    policies: ({ api }) => ({
      block: {
        podSelector: labels('job'),
        policyTypes: ['Egress'],
        egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: [`${api}/32`] } }] }],
      },
    }),
    wanted: { web: both, job: none, outside: both },
  },
  'opens nothing for TCP to a port of SCTP': {
    policies: () => ({ sctp: toApi([{ ports: [{ protocol: 'SCTP', port: 8080 }] }]) }),
    wanted: { web: none, job: none, outside: none },
  },
  'does nothing where it selects no pod': {
    policies: () => ({
      nobody: { podSelector: labels('nobody'), policyTypes: ['Ingress', 'Egress'] },
      // Seen to be in force, so that the one above was looked at too.
      witness: toApi([{ from: [{ podSelector: labels('web') }] }]),
    }),
    wanted: { web: both, job: none, outside: none },
  },
  'selects nobody by a peer that no pod matches': {
    policies: () => ({ strangers: toApi([{ from: [{ podSelector: labels('nobody') }] }]) }),
    wanted: { web: none, job: none, outside: none },
  },
}
