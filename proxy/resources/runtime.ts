// Values that Envoy's listeners ask for at each call, so that they change without the listener, whose connections would close.
// An Envoy whose bootstrap has no such layer goes by the defaults, with which it tells of all calls.
import { sampledOneIn, type Telling } from '../../server/domain/calls/telling.ts'
import { struct, type WireObject } from './wire.ts'

/** The layer of the bootstrap that FaDO fills. */
export const runtimeLayer = 'calls'

/** `per`: of so many calls, in Envoy's word. `value`: how many of them are let through; without a layer those of `all`. */
type Share = { readonly key: string; readonly per: string; readonly value: Readonly<Record<Telling, number>> }

export const allCalls: Share = { key: 'fado.calls.all', per: 'HUNDRED', value: { all: 100, sampled: 0 } }
/** The key names the share, for the lines that it lets through have a weight to match. */
export const sampledCalls: Share = {
  key: `fado.calls.one_in_${sampledOneIn}`,
  per: 'MILLION',
  value: { all: 0, sampled: 1_000_000 / sampledOneIn },
}

/** Of an access log: lets so many calls through, whatever they say of themselves. */
export const letThrough = ({ key, per, value }: Share): WireObject => ({
  runtime_filter: {
    runtime_key: key,
    percent_sampled: { numerator: value.all, denominator: per },
    use_independent_randomness: true,
  },
})

export const runtimeValues = (telling: Telling): Readonly<Record<string, number>> =>
  Object.fromEntries([allCalls, sampledCalls].map(({ key, value }) => [key, value[telling]]))

export const buildRuntime = (telling: Telling): WireObject => ({
  name: runtimeLayer,
  layer: struct(runtimeValues(telling)),
})
