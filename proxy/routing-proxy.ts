// The routing half of FaDO behind one door: model in, configured Envoys out.
import type { RouteException } from '../server/domain/route/exception.ts'
import type { Log } from '../server/log.ts'
import { trustedCertificates } from '../server/trusted-certificates.ts'
import { createAdsServer, type ListenAddress } from './ads-server.ts'
import { createAnswerTimes } from './answer-times.ts'
import { createToldCalls } from './call-log/told-calls.ts'
import type { NodeInfo } from './discovery-request.ts'
import { type IngressTlsFiles, watchIngressCertificate } from './ingress-certificate.ts'
import type { ProxyObserver } from './observer.ts'
import { byCertificate, byToken } from './proof.ts'
import { createResourceCache } from './resource-cache.ts'
import type { IngressCertificate } from './resources/secret.ts'
import { createRollout, type Output } from './rollout.ts'
import { applyChange, type RoutingChange } from './routing-change.ts'
import { createRoutingModel } from './routing-model.ts'
import { defaultSettings, type RolloutSettings } from './stream/state.ts'
import { createTicker } from './ticker.ts'
import { rereadMs } from './watch-files.ts'
import { type XdsCredentials, type XdsTlsFiles, xdsCredentials } from './xds-credentials.ts'

export type { ProxyObserver } from './observer.ts'
export type { RoutingChange } from './routing-change.ts'

export type RoutingProxyOptions = {
  /** Where Envoy takes calls; `tls`: where it does over TLS, too. */
  readonly ingress: {
    readonly address: string
    readonly port: number
    readonly tls?: ({ readonly port: number } & IngressTlsFiles) | null
  }
  readonly log: Log
  /** Milliseconds that never go back. */
  readonly now: () => number
  /** Whether this bearer token may read the configuration. Not asked where certificates prove who Envoys are. */
  readonly authenticate: (token: string) => Promise<boolean>
  /** Default: xDS is served without TLS. */
  readonly tls?: XdsTlsFiles | null
  readonly observer: ProxyObserver
  /** Resolves when all that is decided by now was applied; rejects where it cannot be. Default: it always was. */
  readonly caughtUp?: () => Promise<void>
  /** How long a route table stays in Envoy after its last use, in milliseconds. Default 10 s. */
  readonly retireMs?: number
  /** How long what an Envoy used is kept after its stream ended, in milliseconds. Default 10 min. */
  readonly leaseMs?: number
  /** PEM certificates that https deployments are checked against. Default: the system's. */
  readonly trustedCa?: string
  readonly settings?: Partial<RolloutSettings>
  /** How often files of certificates are read again, in milliseconds. Default 10 s. */
  readonly rereadMs?: number
  /** How often it is asked whether a stream's proof still holds, in milliseconds. Default 30 s. */
  readonly recheckMs?: number
}

export type ProxyStatus = NodeInfo & {
  readonly streamId: string
  readonly connectedAt: number
  /** null: not yet caught up. */
  readonly ackedThrough: number | null
  readonly exceptions: readonly RouteException[]
}

export type RoutingProxy = ReturnType<typeof createRoutingProxy>

export function createRoutingProxy(options: RoutingProxyOptions) {
  const { log, now, observer } = options
  const model = createRoutingModel({ retireMs: options.retireMs ?? 10_000, leaseMs: options.leaseMs ?? 600_000 })
  const cache = createResourceCache({
    model,
    ingress: options.ingress,
    trustedCa: options.trustedCa ?? trustedCertificates().join('\n'),
    told: observer.called !== undefined,
  })
  const settings = { ...defaultSettings, ...options.settings }
  const rollout = createRollout({ model, cache, settings })
  const streams = new Map<string, NodeInfo & { connectedAt: number }>()
  const answers = createAnswerTimes()
  const ticker = createTicker({
    now,
    due: (at) => rollout.nextTick(at),
    tick: () => perform(rollout.tick(now())),
  })
  const { tls = null } = options
  const everyMs = options.rereadMs ?? rereadMs
  const watching: Pick<XdsCredentials, 'stop'>[] = []

  const calls = createToldCalls({
    model,
    streams,
    now,
    paceMs: settings.paceMs,
    called: (told) => observer.called?.(told),
    paced: (streamId, callsPerSecond, at) => perform(rollout.paced(streamId, callsPerSecond, at)),
  })

  const server = createAdsServer({
    log,
    proof: tls?.clientCa ? byCertificate : byToken(options.authenticate),
    bytes: ({ type }, name, version) => cache.bytes(type, name, version),
    ...(observer.called ? { told: calls.told } : {}),
    caughtUp: options.caughtUp,
    recheckMs: options.recheckMs,
    handler: {
      open(streamId, node) {
        const at = now()
        streams.set(streamId, { ...node, connectedAt: at })
        rollout.open(streamId, at)
        log.info({ streamId, ...node }, 'Envoy connected')
        observer.connected({ streamId, ...node, at })
      },
      receive(streamId, request) {
        if (request.error !== null)
          log.warn(
            { streamId, nodeId: streams.get(streamId)?.nodeId, typeUrl: request.typeUrl, reason: request.error },
            'Envoy refused configuration',
          )
        const answer = answers.answered(streamId, request, now())
        if (answer !== undefined) observer.answered?.(answer)
        perform(rollout.receive(streamId, request, now()))
      },
      close(streamId) {
        const node = streams.get(streamId)
        streams.delete(streamId)
        answers.forget(streamId)
        perform(rollout.close(streamId, now()))
        if (!node) return
        log.info({ streamId, nodeId: node.nodeId }, 'Envoy disconnected')
        observer.disconnected({ streamId, nodeId: node.nodeId })
      },
    },
  })

  function perform(outputs: readonly Output[]) {
    for (const output of outputs) {
      if (output.kind === 'send') {
        answers.sent(output.streamId, output.response, now())
        server.send(output.streamId, output.response)
      } else {
        const node = streams.get(output.streamId)
        if (node) observer.progress({ streamId: output.streamId, nodeId: node.nodeId, ...output.progress })
      }
    }
    ticker.look()
  }

  /** What callers see over TLS, before any Envoy is told where. */
  async function watchIngress(files: IngressTlsFiles) {
    const changed = (fresh: IngressCertificate) => {
      model.setIngressCertificate(fresh)
      perform(rollout.tick(now()))
    }
    const watched = await watchIngressCertificate(files, { log, everyMs, changed })
    watching.push(watched)
    model.setIngressCertificate(watched.current())
  }

  return {
    /** Takes a change; Envoys follow, and `observer.progress` tells how far they are. */
    apply(change: RoutingChange) {
      perform(applyChange(change, { model, rollout }, now()))
    },
    /** All that was known at start has been applied: from now on Envoys are answered. */
    ready: () => perform(rollout.ready(now())),
    /** Serves xDS; port 0 takes a free one. Throws VALIDATION_FAILED where files of certificates cannot be used. */
    async listen(at: ListenAddress) {
      if (options.ingress.tls) await watchIngress(options.ingress.tls)
      const own = await xdsCredentials(tls, log, everyMs)
      watching.push(own)
      return server.listen(at, own.credentials)
    },
    status: (): ProxyStatus[] =>
      [...streams].map(([streamId, node]) => {
        const progress = rollout.progress(streamId)
        return {
          streamId,
          ...node,
          ackedThrough: progress?.ackedThrough ?? null,
          exceptions: progress?.exceptions ?? [],
        }
      }),
    /** The name of a deployment's cluster; undefined: there is no such deployment. */
    clusterOf: (deploymentId: string) => model.endpoints().find(({ id }) => id === deploymentId)?.cluster,
    /** What a stream's Envoy has or should have. The API tells of routes alone (services/routes/read-proxies.ts). */
    resources: rollout.resources,
    /** Ends all streams, for nothing is known any more of what is decided, and takes none. Envoys keep what they have. */
    letGo: server.letGo,
    takeAgain: server.takeAgain,
    /** Ends all streams. Envoys keep what they have. May be called twice. */
    stop() {
      ticker.stop()
      calls.stop()
      server.stop()
      for (const one of watching) one.stop()
    },
  }
}
