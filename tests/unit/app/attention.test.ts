import { describe, expect, test } from 'vitest'
import { attention } from '../../../app/_lib/attention.ts'
import { isNotice, type LiveReplica } from '../../../app/_lib/attention-item.ts'
import { clock } from '../../../app/_lib/format.ts'
import { clusterSign } from '../../../app/_lib/health.ts'
import { plain } from '../../../app/_lib/parts.ts'
import { bucket, cluster, reason, replica, route } from './fixtures.ts'

const live = (where: string, change: Parameters<typeof replica>[1]): LiveReplica => ({
  ...replica(where, change),
  bucket: { id: 'bucket-photos', name: 'photos', stats: null },
})
const proxy = (nodeId: string, goneSince: string | null = null): NonNullable<Facts['proxies']>[number] => ({
  id: `proxy-${nodeId}`,
  nodeId,
  connectedSince: goneSince === null ? '2026-11-28T08:00:00.000Z' : null,
  goneSince,
  countsUntil: goneSince === null ? null : '2026-11-28T09:10:00.000Z',
})
type Facts = Parameters<typeof attention>[0]
const none: Facts = {
  clusters: [cluster('hpc'), cluster('edge')],
  buckets: [],
  troubleIsWhole: true,
  closed: undefined,
  replicas: [],
  held: new Map(),
  proxies: [proxy('envoy')],
  links: [],
  seen: { buckets: [], total: 0 },
}
const said = (facts: Partial<Facts>) => attention({ ...none, ...facts }).map((thing) => plain(thing.what))

const degraded = bucket({ placement: { condition: 'DEGRADED', reasons: [reason('X', 'one is missing')] } })
const unroutable = bucket({ id: 'b2', name: 'dark', route: route([], 'UNROUTABLE') })

describe('what needs a person', () => {
  test('a fleet that is well needs nobody', () => {
    expect(said({})).toEqual([])
  })
  test('buckets on which nobody may call are told of once', () => {
    const closed = (totalCount: number, ...names: string[]) =>
      attention({ ...none, closed: { nodes: names.map((name) => ({ id: name, name })), totalCount } }).map(
        ({ what, why, ...thing }) => ({
          ...thing,
          said: `${plain(what)}: ${why}`,
        }),
      )
    const why = 'The policy callers names no caller that there is.'
    expect(closed(1, 'photos')).toMatchObject([
      { tone: 'bad', href: '/buckets/photos', said: expect.stringContaining(`Nobody may call photos: ${why}`) },
    ])
    expect(closed(2, 'films', 'photos')).toMatchObject([
      { href: '/buckets?state=closed', said: expect.stringContaining(`2 buckets: films and photos. ${why}`) },
    ])
    expect(closed(12, 'a', 'b', 'c', 'd', 'e')).toMatchObject([
      { said: expect.stringContaining('a, b, c and 9 more.') },
    ])
  })
  test('a copy that somebody has paused is told of, and counts for nothing', () => {
    const replicas = [live('edge', { state: 'LAGGING', serving: true })]
    const [thing, ...others] = attention({ ...none, replicas, held: new Map([[replicas[0]?.id ?? '', 'Paused.']]) })
    expect(thing).toMatchObject({ why: 'Paused.', href: '/replication' })
    expect(thing && isNotice(thing)).toBe(true)
    expect(thing && plain(thing.what)).toBe('Nothing of photos is copied to edge')
    expect(others).toEqual([])
  })
  test('links of copies that no mover serves are named, with what they hold back and the cure', () => {
    const link = (to: string, movers: number, copies = 1) =>
      ({ from: { name: 'hpc' }, to: { name: to }, movers, copies }) as NonNullable<Facts['links']>[number]
    const lone = [link('edge', 0), link('cloud', 0, 4)]
    expect(said({ links: [link('edge', 2), link('left', 0, 0)] })).toEqual([])
    expect(said({ links: lone })).toEqual(['No mover serves any link'])
    expect(said({ links: [...lone, link('lab', 1)] })).toEqual(['No mover serves 2 of 3 links'])
    const [thing] = attention({ ...none, links: lone })
    expect(thing?.why).toMatch(/^hpc -> edge, hpc -> cloud: 5 copies get no changes\. Start a mover, with fado serve/)
    const many = [1, 2, 3, 4, 5].map((n) => link(`s${n}`, 0))
    expect(attention({ ...none, links: many })[0]?.why).toContain('hpc -> s3 and 2 more: 5 copies')
  })
  test('a fleet that is empty misses no proxy', () => {
    expect(said({ clusters: [], proxies: [] })).toEqual([])
  })
  test('a proxy that is gone is named, with when it stops to hold things up', () => {
    const gone = proxy('edge-1', '2026-11-28T09:00:00.000Z')
    expect(said({ proxies: [proxy('envoy'), gone] })).toEqual(['The proxy edge-1 is gone'])
    const [thing] = attention({ ...none, proxies: [proxy('envoy'), gone] })
    expect(thing).toMatchObject({ since: gone.goneSince, href: '/routing' })
    expect(thing?.why).toContain(`wait for it until ${clock('2026-11-28T09:10:00.000Z')}`)
    expect(said({ proxies: [gone] })).toEqual(['No proxy is connected', 'The proxy edge-1 is gone'])
    expect(said({ proxies: undefined })).toEqual([])
  })
  test('the most harm comes first', () => {
    const clusters = [cluster('hpc'), cluster('cloud', { store: 'UNHEALTHY' })]
    const late = live('edge', { state: 'LAGGING', serving: false })
    expect(said({ clusters, buckets: [degraded, unroutable], replicas: [late], proxies: [] })).toEqual([
      'Nothing serves dark',
      'No proxy is connected',
      'Store cloud is down',
      'photos is short of a copy',
      'photos is late on edge',
    ])
  })
  test('functions that are down are told in red, with the buckets whose calls nobody else takes', () => {
    const silent = (name: string) => {
      const one = cluster(name)
      const health = {
        status: 'UNHEALTHY',
        since: null,
        cause: 'UNREACHABLE',
        detail: 'It is refused',
        backAt: null,
      } as const
      return { ...one, faasDeployments: one.faasDeployments.map((functions) => ({ ...functions, health })) }
    }
    const clusters = [silent('hpc'), cluster('edge')]
    const served = attention({ ...none, clusters, buckets: [degraded] })
    expect(served.map(({ what, tone }) => [plain(what), tone])).toEqual([
      ['Functions of hpc do not answer', 'warn'],
      ['photos is short of a copy', 'warn'],
    ])
    const alone = bucket({ route: route(['hpc'], 'UNROUTABLE') })
    const things = attention({ ...none, clusters, buckets: [alone] })
    expect(things.map(({ what, tone, harm }) => [plain(what), tone, harm])).toEqual([
      ['Functions of hpc do not answer', 'bad', 0],
    ])
    expect(things[0]?.why).toMatch(/^Nobody else takes the calls of photos: they get 503\. http/)
    const [partly] = attention({ ...none, clusters, buckets: [alone], troubleIsWhole: false })
    expect(partly?.why).toMatch(/^Nobody else takes the calls of at least 1 bucket: /)
    expect(clusters.map((one) => clusterSign(one).word)).toEqual(['takes no calls', 'healthy'])
  })
  test('a platform that refuses FaDO is told in red, one that seems to be another in yellow, with what to do', () => {
    const hinted = (name: string, code: string, message: string) => {
      const one = cluster(name)
      const hints = [{ code, message, since: '2026-11-28T09:00:00.000Z' }]
      return { ...one, faasDeployments: one.faasDeployments.map((functions) => ({ ...functions, hints })) }
    }
    const things = attention({
      ...none,
      clusters: [
        hinted('hpc', 'NOT_THE_PLATFORM', 'It answers 404'),
        hinted('cloud', 'PLATFORM_REFUSES', 'Give it a key'),
        hinted('edge', 'CERTIFICATE_UNCHECKED', 'It is not checked'),
      ],
    })
    expect(things.map(({ what, tone, href }) => [plain(what), tone, href])).toEqual([
      ['A platform of cloud refuses FaDO', 'bad', '/clusters/cloud'],
      ['hpc may have another platform', 'warn', '/clusters/hpc'],
    ])
    expect(things[0]).toMatchObject({ since: '2026-11-28T09:00:00.000Z', why: 'http://127.0.0.1:1: give it a key.' })
  })
  test('a store that answers its probes while movers suffer of it is told, with what and since when', () => {
    const edge = cluster('edge')
    const since = '2026-11-28T09:00:00.000Z'
    const message = 'edge answers, but takes no writes: none ends in time'
    const troubles = [{ code: 'STORE_TAKES_NO_WRITES', message, since }]
    const withTrouble = (status: 'HEALTHY' | 'UNHEALTHY') => {
      const stores = cluster('edge', { store: status }).storageDeployments
      return { ...edge, storageDeployments: stores.map((store) => ({ ...store, troubles })) }
    }
    const clusters = [withTrouble('HEALTHY')]
    expect(said({ clusters })).toEqual(['Store edge is in trouble'])
    const [thing] = attention({ ...none, clusters })
    expect(thing).toMatchObject({ since, tone: 'warn', href: '/clusters/edge' })
    expect(thing?.why).toMatch(/^edge answers, but takes no writes: none ends in time\. /)
    expect(clusters.map((one) => clusterSign(one).word)).toEqual(['degraded'])
    expect(said({ clusters: [withTrouble('UNHEALTHY')] }), 'it only follows').toEqual(['Store edge is down'])
  })
  test('data where zones forbid it is called a violation, and comes first', () => {
    const reasons = [reason('RESIDENCY_VIOLATION', 'the master lies where its data may not be')]
    const outside = bucket({ placement: { condition: 'DEGRADED', reasons } })
    const what = 'Residency violation: photos has data where its zones forbid it'
    expect(said({ buckets: [degraded, unroutable, outside].map((one, i) => ({ ...one, id: `b${9 - i}` })) })).toEqual([
      what,
      'Nothing serves dark',
      'photos is short of a copy',
    ])
    const [alone] = attention({ ...none, buckets: [{ ...outside, route: route([], 'UNROUTABLE') }] })
    expect(plain(alone?.what ?? [])).toBe(what)
    expect(alone?.why).toMatch(/where its data may not be\. No other copy serves: calls get 503\.$/)
  })
  test.each([
    ['MASTER_MISSING', 'missing'],
    ['MASTER_REPLACED', 'another one'],
    ['MASTER_REGRESSED', 'an earlier one'],
  ] as const)('a master that is stopped (%s) is an error of its own, whatever else is down', (code, is) => {
    const stop = reason(code, 'nothing is copied', 'hpc')
    const stopped = bucket({
      placement: { condition: 'DEGRADED', reasons: [stop, reason('STORE_UNREACHABLE', 'the store edge is down')] },
      replicas: [replica('edge', { causes: [stop] }), replica('cloud', { state: 'FAILED', causes: [stop] })],
      route: route(['hpc', 'cloud']),
    })
    const clusters = [cluster('hpc'), cluster('edge', { store: 'UNHEALTHY' }), cluster('cloud')]
    const replicas = [live('cloud', { state: 'FAILED', serving: false, causes: [stop] })]
    const things = attention({ ...none, clusters, buckets: [stopped], replicas })
    expect(things.map((thing) => [plain(thing.what), thing.tone])).toEqual([
      [`The master bucket of photos on hpc is ${is}`, 'bad'],
      ['Store edge is down', 'bad'],
    ])
    expect(things[0]?.why).toMatch(
      /^Nothing is copied from it or deleted by it, and no calls go there\. cloud serves what it last had\. /,
    )
    const dark = { ...stopped, route: route([], 'UNROUTABLE' as const) }
    expect(attention({ ...none, clusters, buckets: [dark] })[0]).toMatchObject({ harm: 0, tone: 'bad' })
    // Of a copy whose bucket is not among those that were read it is said there.
    expect(said({ replicas })).toEqual(['The copy of photos on cloud failed'])
    const outside = {
      ...stopped.placement,
      reasons: [...stopped.placement.reasons, reason('RESIDENCY_VIOLATION', 'x')],
    }
    expect(said({ buckets: [{ ...stopped, placement: outside }] })).toHaveLength(2)
  })
  test('a master that went backwards is told with what it lost, and with the two ways on', () => {
    const found = {
      since: '2026-11-28T08:00:00Z',
      missing: 1,
      older: 3,
      hasBucket: true,
      choice: null,
      samples: ['a', 'b', 'c', 'd'].map((key) => ({ key, seen: null, now: null })),
    }
    const held = (choice: 'REBUILD' | 'ACCEPT' | null, copies = [replica('edge')], hasBucket = true) => {
      const placement = { condition: 'DEGRADED' as const, reasons: [reason('MASTER_REGRESSED', 'x', 'hpc')] }
      const one = bucket({ placement, replicas: copies, route: route(['edge']) })
      const whole = { ...one, master: { ...one.master, regressed: { ...found, hasBucket, choice }, rebuild: null } }
      return attention({ ...none, buckets: [whole] })[0]?.why
    }
    expect(held(null)).toMatch(
      /1 object is gone and 3 objects are older than they were: a, b, c and 1 more\. Rebuild it from a copy, or accept it as it is now\.$/,
    )
    expect(held(null, [])).toMatch(/ FaDO knows of no other copy: put back what it lost, or accept it as it is now\.$/)
    expect(held(null, [], false)).toMatch(/ FaDO knows of no other copy: put the bucket back, or delete it here\.$/)
    expect(held(null, [replica('edge', { state: 'SYNCING' })])).toMatch(
      / No other copy is whole: put back what it lost/,
    )
    expect(held(null, [replica('edge')], false)).toMatch(/ Rebuild it from a copy\.$/)
    expect(held('REBUILD')).toMatch(/It is being made again from a copy\.$/)
    expect(held('ACCEPT')).toMatch(/It was accepted, and the copies become what it is\.$/)
  })
  test('deletes that wait for an order are told at once, with the way to give it', () => {
    const held = (serving: boolean) =>
      live('edge', {
        state: 'LAGGING',
        serving,
        lag: { objects: 0, bytes: 0, heldDeletes: 140, oldestSince: null, oldestSeconds: serving ? 3 : 90 },
        causes: [reason('DELETES_BRAKED', 'the brake holds')],
      })
    for (const serving of [true, false]) {
      const [thing, ...rest] = attention({ ...none, replicas: [held(serving)] })
      expect(rest).toEqual([])
      expect(plain(thing?.what ?? [])).toBe('140 deletes of photos on edge wait for your order')
      expect(thing?.href).toBe('/buckets/photos?resync=edge')
      expect(thing?.why).toMatch(serving ? /meant\.$/ : /It is late by now and serves nothing\.$/)
    }
  })
  test('a bucket that is in several lists of trouble is told once', () => {
    expect(said({ buckets: [degraded, degraded] })).toEqual(['photos is short of a copy'])
  })
  test('one cause, one line: copies on a store that is down are told with the store', () => {
    const clusters = [cluster('hpc'), cluster('edge', { store: 'UNHEALTHY' })]
    const short = { ...degraded, replicas: [replica('edge')] }
    const late = live('edge', { state: 'LAGGING', serving: false })
    expect(said({ clusters, buckets: [short], replicas: [late] })).toEqual(['Store edge is down'])
    const why = (troubleIsWhole: boolean) => attention({ ...none, clusters, buckets: [short], troubleIsWhole })[0]?.why
    expect(why(true)).toMatch(/ 1 bucket with a copy there is short of it\.$/)
    expect(why(false)).toMatch(/ At least 1 bucket with a copy there is short of it\.$/)
  })
  test('functions are told by how many of a cluster do not answer, with the cause', () => {
    const hpc = cluster('hpc')
    const down = {
      status: 'UNHEALTHY',
      since: null,
      backAt: null,
      cause: 'UNREACHABLE',
      detail: 'It cannot be reached: the connection is refused',
    } as const
    const ill = hpc.faasDeployments.map((one) => ({ ...one, health: down }))
    const half = { ...hpc, faasDeployments: [...ill, ...hpc.faasDeployments] }
    expect(said({ clusters: [half] })).toEqual(['1 of 2 function platforms of hpc does not answer'])
    expect(attention({ ...none, clusters: [half] })[0]?.why).toBe(
      'Its calls go to the others. http://127.0.0.1:1: it cannot be reached: the connection is refused.',
    )
    expect(said({ clusters: [{ ...hpc, faasDeployments: ill }] })).toEqual(['Functions of hpc do not answer'])
    const keyless = ill.map((one) => ({ ...one, health: { ...down, cause: 'KEY_REFUSED' as const } }))
    expect(said({ clusters: [{ ...hpc, faasDeployments: keyless }] })).toEqual(['Functions of hpc cannot be called'])
  })
  test('where FaDO doubts its own network, that is told once, by how many are silent', () => {
    const doubted = { status: 'HEALTHY', since: null, cause: 'DOUBTED', detail: 'No answer', backAt: null } as const
    const silent = (name: string) => {
      const { faasDeployments, storageDeployments, ...rest } = cluster(name)
      return {
        ...rest,
        faasDeployments: name === 'hpc' ? faasDeployments.map((one) => ({ ...one, health: doubted })) : faasDeployments,
        storageDeployments: storageDeployments.map((one) => ({ ...one, health: doubted })),
      }
    }
    const clusters = [silent('hpc'), silent('edge'), cluster('cloud')]
    expect(said({ clusters })).toEqual(['FaDO may be cut off'])
    expect(attention({ ...none, clusters })[0]?.why).toMatch(/^2 stores and 1 function platform fell silent at once/)
    expect(clusters.map((one) => clusterSign(one).word)).toEqual(['silent', 'silent', 'healthy'])
  })
  test('a copy that failed tells of its bucket too', () => {
    const failed = { state: 'FAILED', serving: false, causes: [reason('FOREIGN_BUCKET', 'in the way')] } as const
    const short = { ...degraded, replicas: [replica('edge', failed)] }
    expect(said({ buckets: [short], replicas: [live('edge', failed)] })).toEqual(['The copy of photos on edge failed'])
  })
  test('a copy without functions beside it serves nothing whether it is late or not', () => {
    const late = live('edge', { state: 'LAGGING', serving: false })
    const edge = { ...cluster('edge'), faasDeployments: [] }
    expect(said({ replicas: [late], clusters: [cluster('hpc'), edge] })).toEqual([])
    const held = { ...late, causes: [reason('X', 'in the way')] }
    expect(said({ replicas: [held], clusters: [cluster('hpc'), edge] })).toEqual(['photos is late on edge'])
  })
  test('a copy that is late and still serves needs nobody', () => {
    expect(said({ replicas: [live('edge', { state: 'LAGGING', serving: true })] })).toEqual([])
  })
  test('a bucket that is being deleted is nobody\u2019s trouble', () => {
    const going = {
      ...unroutable,
      placement: { condition: 'PLACED', reasons: [reason('DELETING', '')] },
    } as const
    expect(said({ buckets: [going] })).toEqual([])
  })
})
