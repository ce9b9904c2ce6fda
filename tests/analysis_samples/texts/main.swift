import Foundation
// let apiKey = "Zq1Wx2Ec3Rv4Tb5Yn6Um7Ik8Ol9P0a"
let apiKey = "Zq1Wx2Ec3Rv4Tb5Yn6Um7Ik8Ol9P0a"
let password: String = "Glacier&Moraine5"
let keychainService = "com.summit.password"
let account = URLCredential(user: "guide", password: "Crevasse!404", persistence: .forSession)
let token = ProcessInfo.processInfo.environment["SUMMIT_TOKEN"] ?? "b5Kd9Lx3Qz7Wv1Nb8Mc2Rt6Yp4Hg0Jf"
let greeting = "token \(token)"
let secretField = "secret"
let header = ["Authorization": "Bearer \(token)", "X-Api-Key": "k2Zr8vLq0TnX4bWc7Yd1mPe5Gh9Js3Fa"]
let symmetric = SymmetricKey(data: Data("rope-and-carabiner-key-2022-okay".utf8))
