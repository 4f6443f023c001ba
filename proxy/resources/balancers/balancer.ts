import { extension, type WireObject } from '../wire.ts'

/** An extension of Envoy that chooses hosts. `message`: e.g. `RoundRobin`. */
export const balancer = (name: string, message: string, fields: WireObject = {}): WireObject => ({
  policies: [
    {
      typed_extension_config: extension(
        `envoy.load_balancing_policies.${name}`,
        `envoy.extensions.load_balancing_policies.${name}.v3.${message}`,
        fields,
      ),
    },
  ],
})
