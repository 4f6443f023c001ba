import { describe, expect, test } from 'vitest'
import { clusterSentence, clustersSentence } from '../../../app/_lib/cluster-words.ts'
import { clock } from '../../../app/_lib/format.ts'
import { backWords, clusterSign } from '../../../app/_lib/health.ts'
import { plain } from '../../../app/_lib/parts.ts'
import { causeSentences, sentence } from '../../../app/_lib/sentence.ts'
import { bucketSentence, fleetSentence, proxiesSentence, routeWords, stateWords } from '../../../app/_lib/words.ts'
import { bucket, cluster, progress, reason, replica, route } from './fixtures.ts'

const read = (parts: Parameters<typeof plain>[0]) => plain(parts).replace(/[\u202f\u00a0]/g, ' ')
const noon = new Date('2026-11-24T12:00:00Z')
const ofBucket = (one: Parameters<typeof bucketSentence>[0], clusters: Parameters<typeof bucketSentence>[1] = []) =>
  read(bucketSentence(one, clusters, noon))

describe('a bucket in a sentence', () => {
  test('alone and as asked', () => {
    expect(ofBucket(bucket())).toBe('Only on hpc: no replica is asked for.')
  })
  test('copies that are well are named together', () => {
    const replicas = [replica('edge'), replica('cloud')]
    expect(ofBucket(bucket({ replicas }))).toBe('Master on hpc, in sync on cloud and edge.')
  })
  test('copies are called by their stores, whatever their clusters are called', () => {
    const gw = { ...replica('lab').storageDeployment, name: 'gw' }
    const settled = replica('lab', { storageDeployment: gw })
    expect(ofBucket(bucket({ replicas: [settled] }))).toBe('Master on hpc, in sync on gw.')
    const failed = replica('lab', { storageDeployment: gw, state: 'FAILED' })
    expect(ofBucket(bucket({ replicas: [failed] }))).toBe('Master on hpc. The copy on gw failed.')
  })
  test('a proxy that is gone and holds a change up is named; one that answers in a moment is not', () => {
    const [goneSince, countsUntil] = ['2026-11-24T11:50:00Z', '2026-11-24T12:00:00Z']
    const wait = (nodeId: string, times: { goneSince: string | null; countsUntil: string | null }) => ({
      proxy: { id: nodeId, nodeId, ...times },
      reason: { code: 'X', message: '' },
    })
    const there = wait('edge-2', { goneSince: null, countsUntil: null })
    const waiting = { ...route(['hpc'], 'PENDING'), waitsFor: [wait('edge-1', { goneSince, countsUntil }), there] }
    const waits = `It waits for the proxy edge-1, gone since ${clock(goneSince)}, counts until ${clock(countsUntil)}: it may still serve by what it had. Forget it if it will not come back.`
    expect(ofBucket(bucket({ route: waiting }))).toBe(`Only on hpc: no replica is asked for. ${waits}`)
    const placement = { condition: 'PLACED' as const, reasons: [reason('DELETING', '')] }
    expect(ofBucket(bucket({ placement, route: waiting }))).toContain(waits)
    expect(routeWords(waiting, 1)).toBe('waits for a proxy that is gone')
    expect(routeWords({ ...waiting, waitsFor: [there] }, 1)).toBe('waits for edge-2')
  })
  test('a stopped master is said once, with what still serves', () => {
    const stop = reason('MASTER_MISSING', 'Master bucket missing', 'hpc')
    const placement = { condition: 'DEGRADED' as const, reasons: [stop] }
    const held = { objects: 0, bytes: 0, heldDeletes: 3, oldestSince: null, oldestSeconds: 9 }
    const copies = [
      replica('edge', { causes: [stop] }),
      replica('cloud', { state: 'LAGGING', lag: held, causes: [stop] }),
    ]
    const start =
      'The master bucket on hpc is missing: nothing is copied from it or deleted by it, and no calls go there.'
    expect(ofBucket(bucket({ placement, replicas: copies, route: route(['cloud', 'edge']) }))).toBe(
      `${start} cloud and edge serve what it last had.`,
    )
    expect(
      ofBucket(bucket({ placement, replicas: copies, route: route(['cloud', 'edge']) }), [
        cluster('hpc', { store: 'UNHEALTHY' }),
      ]),
    ).toBe(`${start} cloud and edge serve what it last had.`)
    expect(ofBucket(bucket({ placement, route: route([], 'UNROUTABLE') }))).toBe(
      `${start} No copy serves: calls get 503.`,
    )
  })
  test('a violation is called one', () => {
    const reasons = [reason('RESIDENCY_VIOLATION', 'the master lies where its data may not be')]
    expect(ofBucket(bucket({ placement: { condition: 'DEGRADED', reasons } }))).toBe(
      'Master on hpc. Residency violation: the master lies where its data may not be.',
    )
  })
  test('what one reason says another does not say again, nor that a store is down that its copy tells of', () => {
    const taken = 'cloud: a bucket of that name is there'
    const reasons = [reason('SHORT', `2 replicas wanted, 1 placed: ${taken}`), reason('FOREIGN_BUCKET', taken)]
    expect(ofBucket(bucket({ placement: { condition: 'DEGRADED', reasons } }))).toBe(
      'Master on hpc. 2 replicas wanted, 1 placed: cloud: a bucket of that name is there.',
    )
    const edge = replica('edge', { serving: false })
    const down = [reason('STORE_UNREACHABLE', 'the store edge is down', edge.storageDeployment.name)]
    expect(
      ofBucket(bucket({ replicas: [edge], placement: { condition: 'DEGRADED', reasons: down } }), [
        cluster('edge', { store: 'UNHEALTHY' }),
      ]),
    ).toBe('Master on hpc. The store edge is down.')
  })
  test('a first copy under way says how far it is and that it does not serve yet', () => {
    const replicas = [
      replica('edge'),
      replica('cloud', { state: 'SYNCING', serving: false, progress: progress(62, 100) }),
    ]
    expect(ofBucket(bucket({ replicas }))).toBe(
      'Master on hpc, in sync on edge. cloud has 62 % of the first copy and serves when it is complete.',
    )
  })
  test('a copy that is taken over is compared, and not copied', () => {
    const compared = { ...progress(9, 9), phase: 'comparing' }
    const copy = replica('cloud', { state: 'SYNCING', serving: false, progress: compared })
    expect(ofBucket(bucket({ replicas: [copy] }))).toBe(
      'Master on hpc. cloud is being taken over, 25 % of its objects are compared, and serves when it is complete.',
    )
    expect(stateWords(copy).replace('\u00a0', ' ')).toBe('25 % compared')
  })
  test('a late copy says whether it still serves', () => {
    const lag = { objects: 118, bytes: 1, oldestSince: null, oldestSeconds: 94, heldDeletes: 0 }
    const late = (serving: boolean) =>
      ofBucket(bucket({ replicas: [replica('edge', { state: 'LAGGING', serving, lag })] }))
    expect(late(true)).toBe('Master on hpc. edge is 1 min 34 s behind (118 objects) and still serves.')
    expect(late(false)).toBe(
      'Master on hpc. edge is 1 min 34 s behind (118 objects) and serves nothing until it has caught up.',
    )
  })
  test('what holds a copy up is said with its cause', () => {
    const replicas = [
      replica('edge', {
        state: 'LAGGING',
        serving: false,
        causes: [reason('DELETES_BRAKED', '12 deletes wait for your word.')],
      }),
      replica('cloud', {
        state: 'FAILED',
        serving: false,
        causes: [reason('FOREIGN_BUCKET', 'a foreign bucket is in the way')],
      }),
    ]
    expect(ofBucket(bucket({ replicas }))).toBe(
      'Master on hpc. edge serves nothing. 12 deletes wait for your word. The copy on cloud failed: a foreign bucket is in the way.',
    )
  })
  test('a master that is down: who serves what it last had', () => {
    const clusters = [cluster('hpc', { store: 'UNHEALTHY' }), cluster('edge')]
    expect(ofBucket(bucket({ replicas: [replica('edge')], route: route(['edge']) }), clusters)).toBe(
      'The master on hpc is down; edge still serves what it last had.',
    )
  })
  test('a master that is down and nobody else: 503, said once', () => {
    const clusters = [cluster('hpc', { store: 'UNHEALTHY' })]
    expect(ofBucket(bucket({ route: route([], 'UNROUTABLE') }), clusters)).toBe(
      'The master on hpc is down and no other copy serves: calls get 503.',
    )
  })
  test('a master that is down is said once, whoever else tells of it', () => {
    const clusters = [cluster('hpc', { store: 'UNHEALTHY' }), cluster('edge')]
    const placement = {
      condition: 'DEGRADED' as const,
      reasons: [
        reason('STORE_UNREACHABLE', 'The store hpc is down', 'hpc'),
        reason('MASTER_UNREADABLE', 'hpc cannot be reached', 'hpc'),
      ],
    }
    const replicas = [replica('edge', { causes: [reason('MASTER_UNREADABLE', 'The master cannot be read')] })]
    expect(ofBucket(bucket({ replicas, placement, route: route(['edge']) }), clusters)).toBe(
      'The master on hpc is down; edge still serves what it last had.',
    )
  })
  test('a copy whose store is down is not called in sync', () => {
    const clusters = [cluster('hpc'), cluster('edge', { store: 'UNHEALTHY' })]
    expect(ofBucket(bucket({ replicas: [replica('edge')] }), clusters)).toBe('Master on hpc. The store edge is down.')
  })
  test('reasons of the placement are told where it is not as asked', () => {
    const placement = {
      condition: 'INFEASIBLE' as const,
      reasons: [reason('X', 'no cluster lies in spain')],
    }
    expect(ofBucket(bucket({ placement }))).toBe('Master on hpc. No cluster lies in spain.')
  })
  test('a deletion says what goes first', () => {
    const placement = { condition: 'PLACED' as const, reasons: [reason('DELETING', '')] }
    expect(ofBucket(bucket({ placement, replicas: [replica('edge')] }))).toBe(
      'Being deleted. Calls get 404; the copy on edge goes first.',
    )
    expect(ofBucket(bucket({ placement }))).toBe('Being deleted. Calls get 404; what is left goes now.')
  })
  test('a route that nobody can serve, or that a proxy rejected, is said', () => {
    expect(ofBucket(bucket({ route: route([], 'UNROUTABLE') }))).toContain('No cluster can serve it: calls get 503.')
    expect(ofBucket(bucket({ route: route(['hpc'], 'REJECTED') }))).toContain('A proxy rejected the new route')
  })
})

test('a bucket on which nobody may call says so', () => {
  const closed = { ...route(['hpc']), callers: [] }
  expect(ofBucket(bucket({ route: closed }))).toMatch(
    /Nobody may call: the policy callers names no caller that there is[.]$/,
  )
  expect(ofBucket(bucket({ route: { ...closed, callers: ['nightly'] } }))).not.toContain('may call')
})

describe('the fleet in a sentence', () => {
  const well = { clusters: 3, buckets: 12, wrong: 0, exact: true, moving: 0, attention: 0 }
  test.each([
    [well, 'All 12 buckets are where they should be. Nothing is moving, nothing needs you.'],
    [{ ...well, buckets: 2 }, 'Both buckets are where they should be. Nothing is moving, nothing needs you.'],
    [{ ...well, buckets: 1, moving: 1 }, 'The one bucket is where it should be. 1 copy is moving, nothing needs you.'],
    [
      { ...well, wrong: 2, moving: 2, attention: 1 },
      '10 of 12 buckets are where they should be. 2 copies are moving. 1 thing needs you.',
    ],
    [{ ...well, wrong: 11, attention: 2 }, '1 of 12 buckets is where it should be. 2 things need you.'],
    [
      { ...well, buckets: 10_000, wrong: 402, exact: false, attention: 9 },
      'At least 402 of 10 000 buckets are not as they should be. 9 things need you.',
    ],
    [{ ...well, buckets: 0 }, '3 clusters are here, and no bucket yet.'],
    [{ ...well, clusters: 0, buckets: 0 }, 'No cluster yet. Three steps to the first call that finds its data.'],
  ])('%o', (fleet, text) => {
    expect(read(fleetSentence(fleet))).toBe(text)
  })
})

describe('routes and proxies', () => {
  test('a route that serves says how many proxies agree', () => {
    const said = [1, 2, 8].map((n) => routeWords(route(['hpc']), n))
    expect(said).toEqual(['its proxy agrees', 'both proxies agree', 'all 8 proxies agree'])
  })
  test('a route that is pending says what it waits for', () => {
    const pending = route(['hpc'], 'PENDING')
    expect([0, 1].map((n) => routeWords(pending, n))).toEqual([
      'waits: no proxy is connected',
      'on its way to the proxies',
    ])
  })
  test('the worst state of a proxy is what is said', () => {
    const proxy = (nodeId: string, ...states: string[]) => ({
      nodeId,
      connectedSince: '2026-11-24T12:00:00Z',
      resources: states.map((state) => ({ state })),
    })
    const said = (...proxies: Parameters<typeof proxiesSentence>[0]) => read(proxiesSentence(proxies))
    expect(said()).toBe('No proxy is connected: routes are decided and wait for one.')
    expect(said({ ...proxy('a', 'ACKED'), connectedSince: null })).toBe(said())
    expect(said(proxy('a', 'ACKED'))).toBe('The one proxy has accepted all it was sent.')
    expect(said(proxy('a', 'ACKED'), proxy('b', 'ACKED'))).toBe('Both proxies have accepted all they were sent.')
    expect(said(proxy('a', 'ACKED'), proxy('b', 'PENDING'))).toBe('b has not answered the last change yet.')
    expect(said(proxy('a', 'ACKED', 'NACKED'), proxy('b', 'PENDING'))).toBe(
      'a rejects a resource and keeps the last good one.',
    )
  })
})

describe('clusters in a sentence', () => {
  const said = (...clusters: Parameters<typeof clustersSentence>[0]) => read(clustersSentence(clusters))
  const bare = { ...cluster('lab'), faasDeployments: [] }
  test('all that take data and calls', () => {
    expect(said(cluster('hpc'))).toBe('The one cluster takes data and calls.')
    expect(said(cluster('hpc'), cluster('edge'))).toBe('Both clusters take data and calls.')
  })
  test('one without functions, without a store or without both is not counted, and named with what it lacks', () => {
    expect(said(cluster('hpc'), bare)).toBe('1 of 2 clusters takes data and calls; lab has no functions.')
    expect(said(cluster('hpc'), { ...bare, storageDeployments: [] })).toContain('lab has neither store nor functions.')
    expect(said({ ...cluster('hpc'), storageDeployments: [] })).toBe(
      'The one cluster does not take data and calls; hpc has no store.',
    )
  })
  test('one that is down is named', () => {
    expect(said(cluster('hpc'), cluster('cloud', { store: 'UNHEALTHY' }), bare)).toBe(
      '1 of 3 clusters takes data and calls; cloud is down, lab has no functions.',
    )
  })
  test('its dot is another one than that of a cluster that is well', () => {
    expect(clusterSign(bare).glyph).not.toBe(clusterSign(cluster('hpc')).glyph)
  })
})

test.each([
  [1, 'Its store lab answers. Its functions answer.'],
  [2, 'Both stores answer. Both function platforms answer.'],
  [3, 'All 3 stores answer. All 3 function platforms answer.'],
])('of a cluster with %i of each all that are well are told together', (n, text) => {
  const { storageDeployments, faasDeployments, ...lab } = cluster('lab')
  const times = <T>(some: readonly T[]) => Array.from({ length: n }, () => some).flat()
  const several = { ...lab, storageDeployments: times(storageDeployments), faasDeployments: times(faasDeployments) }
  expect(read(clusterSentence(several))).toBe(text)
})

test("functions that answer and refuse FaDO's key are no functions that are well", () => {
  const refuses = { code: 'PLATFORM_REFUSES', message: 'refuses', since: null }
  const { faasDeployments, ...lab } = cluster('lab')
  const refusing = faasDeployments.map((one) => ({ ...one, hints: [refuses] }))
  const alone = { ...lab, faasDeployments: refusing }
  expect(read(clusterSentence(alone))).toBe("Its store lab answers. Its functions answer, but refuse FaDO's key.")
  expect(clusterSign(alone)).toMatchObject({ tone: 'warn', word: 'degraded' })
  const one = { ...lab, faasDeployments: [...faasDeployments, ...refusing] }
  expect(read(clusterSentence(one))).toContain("Both function platforms answer, but 1 of them refuses FaDO's key.")
})

test('what answers and is coming back is no store or function platform that is well', () => {
  const { storageDeployments, faasDeployments, ...lab } = cluster('lab', { store: 'DEGRADED' })
  const back = faasDeployments.map((one) => ({ ...one, health: { ...one.health, status: 'DEGRADED' as const } }))
  const said = (stores: number, functions: readonly (typeof faasDeployments)[number][]) => {
    const several = Array.from({ length: stores }, () => storageDeployments).flat()
    return read(clusterSentence({ ...lab, storageDeployments: several, faasDeployments: functions }))
  }
  expect(said(1, back)).toBe('Its store lab is coming back. Its functions are coming back.')
  expect(said(2, [...faasDeployments, ...back])).toBe(
    'Its stores lab and lab are coming back. 1 of 2 function platforms is coming back.',
  )
})

test('a store that is down is told with its cause, once', () => {
  const down = (detail: string) => {
    const lab = cluster('lab', { store: 'UNHEALTHY' })
    const stores = lab.storageDeployments.map((one) => ({ ...one, health: { ...one.health, detail } }))
    return read(clusterSentence({ ...lab, storageDeployments: stores }))
  }
  expect(down('It cannot be reached: the connection is refused')).toBe(
    'Its store lab is down. It cannot be reached: the connection is refused. Its functions answer.',
  )
  expect(down("It refuses FaDO's key")).toContain("Its store lab is down. It refuses FaDO's key.")
})

test('a store that answers its probes and is in trouble is named', () => {
  const lab = cluster('lab')
  const troubles = [{ code: 'STORE_TAKES_NO_WRITES', message: 'lab takes no writes', since: null }]
  const stores = lab.storageDeployments.map((one) => ({ ...one, troubles }))
  expect(read(clusterSentence({ ...lab, storageDeployments: stores }))).toBe(
    'Its store lab is in trouble. Its functions answer.',
  )
})

test('a message of the server reads as a sentence', () => {
  expect(['connection refused', 'Is it? ', 'Done.', ''].map((one) => sentence(one))).toEqual([
    'Connection refused.',
    'Is it?',
    'Done.',
    '',
  ])
})

describe('a message of the server as a sentence', () => {
  test('begins with a capital letter and ends with a full stop', () => {
    expect(sentence(' nothing is copied')).toBe('Nothing is copied.')
    expect(sentence('Is one running?')).toBe('Is one running?')
    expect(sentence('')).toBe('')
  })
  test('leaves the name that it begins with as it is', () => {
    expect(sentence('cloud does not answer in time', 'cloud')).toBe('cloud does not answer in time.')
    expect(sentence('clouds are many', 'cloud')).toBe('Clouds are many.')
    expect(sentence('gw: The store refused the request.')).toBe('gw: The store refused the request.')
  })
  test('of several causes each is one', () => {
    const causes = [reason('STORE_UNREACHABLE', 'cloud does not answer', 'cloud'), reason('X', 'the brake holds')]
    expect(causeSentences({ causes })).toBe('cloud does not answer. The brake holds.')
    expect(causeSentences({ causes: [] })).toBeNull()
  })
})

describe('a copy in a cluster without functions', () => {
  const alone = (name: string) => ({ ...cluster(name), faasDeployments: [] })
  const told = (change: Parameters<typeof replica>[1]) =>
    ofBucket(bucket({ replicas: [replica('edge', { serving: false, ...change })] }), [cluster('hpc'), alone('edge')])
  const lag = { objects: 3, bytes: 1, heldDeletes: 0, oldestSince: null, oldestSeconds: 9 }
  test('is not said to serve once it has caught up or is complete', () => {
    expect(told({ state: 'LAGGING', lag })).toBe('Master on hpc. edge is 9 s behind (3 objects).')
    expect(told({ state: 'LAGGING' })).toBe('Master on hpc.')
    expect(told({ state: 'SYNCING', progress: progress(1, 2) })).toBe('Master on hpc. edge has 50 % of the first copy.')
    const causes = [reason('X', 'the brake holds')]
    expect(told({ state: 'LAGGING', causes })).toBe('Master on hpc. The copy on edge is held up. The brake holds.')
  })
})

test('what is coming back says when that is', () => {
  const now = new Date('2026-01-02T03:04:05Z')
  expect(backWords('2026-01-02T03:06:06Z', now)).toBe('That is in 2\u00a0min, if it misses no probe until then.')
  expect(backWords('2026-01-02T03:04:05Z', now)).toBe('That is any moment, if it misses no probe until then.')
})
