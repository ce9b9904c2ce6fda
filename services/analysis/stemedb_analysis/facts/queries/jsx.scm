; What markup inside of JavaScript and TypeScript adds.

(jsx_attribute) @jsx
