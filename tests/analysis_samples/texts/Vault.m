#import <Foundation/Foundation.h>
#define kApiSecret @"w7Qm3xTz9LkVb2Rn8YpD4sHc6JgF1aEu"
#define kPasswordKey @"password"
static NSString *const kPassword = @"Granite#Basalt6";
@implementation Vault
- (void)load {
    [self.client setAuthToken:@"h8Wn4Zt2Qx6Lr0Vk3Mb7Yc9Pd1Jf5Gs0"];
    self.password = [[NSUserDefaults standardUserDefaults] stringForKey:@"password"];
    NSURLCredential *one = [NSURLCredential credentialWithUser:@"miner" password:@"Quarry!Dust81" persistence:NSURLCredentialPersistenceNone];
}
@end
